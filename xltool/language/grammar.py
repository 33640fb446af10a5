"""Functions that take apart a target or an actual value as people write it, in the sheet and in Python alike.

Each step is a function of its own, so that a hidden column can hold its result and the formula of the next step
stays short: ``≥９５％`` → plain ``≥95%`` → sign ``≥``, body ``95%`` → figure ``95`` → measure ``%`` → number 95.
A step that would have to guess has no answer (a blank cell), and the row is left for people to judge. For that
reason such a function stands alone in its column and is never nested in another.
"""

from __future__ import annotations

import re
from decimal import Decimal

from xltool.language.functions import (
    CELL,
    TEXT,
    WORDS,
    Function,
    NoAnswer,
    SheetError,
    Value,
    as_text,
    excel_string,
    without_spaces_formula,
)
from xltool.language.numbers import without_spaces
from xltool.language.types import Type

#: The result for text without a sign or a measure. A blank would mean "unanswered".
NOTHING = "无"

#: Full-width and look-alike characters in numbers, with their plain form (≧ ﹦ ═ ％ occur on printed forms).
LETTERS = (
    *((chr(ord("０") + digit), str(digit)) for digit in range(10)),
    ("％", "%"), ("．", "."), ("＞", ">"), ("＜", "<"), ("＝", "="), ("﹦", "="), ("═", "="), ("≧", "≥"), ("≦", "≤"),
    ("＋", "+"), ("－", "-"), ("−", "-"), ("＊", "*"), ("／", "/"), ("。", ""),
)  # fmt: skip

#: Words and character pairs that mean a sign; longer ones come before those they contain.
SIGNS = (
    (">=", "≥"), ("<=", "≤"), ("大于等于", "≥"), ("大于或等于", "≥"), ("小于等于", "≤"), ("小于或等于", "≤"),
    ("不低于", "≥"), ("不少于", "≥"), ("不小于", "≥"), ("至少", "≥"), ("不超过", "≤"), ("不高于", "≤"), ("不大于", "≤"),
    ("不多于", "≤"), ("大于", ">"), ("高于", ">"), ("小于", "<"), ("低于", "<"), ("等于", "="), ("百分比", "%"),
    ("及其以上", "以上"), ("及以上", "以上"), ("及其以下", "以下"), ("及以下", "以下"),
)  # fmt: skip

#: ± marks a tolerance: at most so much more or less.
_OPERATORS = "≥≤=><±"
_SUFFIXES = {"以上": "≥", "以下": "≤"}
_DIGITS = "0123456789"
_FIGURE = re.compile(r"([0-9.,]*)([^0-9.,]*)")
_NUMBER = re.compile(r"([0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(\.[0-9]+)?")

#: How people write "per": 元/人·月, 元/人*月.
_PER = (("·", "/"), ("*", "/"))

#: The most characters of a number; a sheet would drop digits of a longer one.
_MOST_FIGURES = 15
_LONGEST_MEASURE = 8


def _replace_all(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for old, new in pairs:
        text = text.replace(old, new)
    return text


def _replace_all_formula(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for old, new in pairs:
        text = f"SUBSTITUTE({text},{excel_string(old)},{excel_string(new)})"
    return text


def _plain(text: str) -> str:
    return _require_text(_replace_all(without_spaces(text), LETTERS))


def _plain_formula(text: str) -> str:
    return _replace_all_formula(without_spaces_formula(text), LETTERS)


def _signs(text: str) -> str:
    return _require_text(_replace_all(text, SIGNS))


def _require_text(text: str) -> str:
    """Return the text. Raise NoAnswer when it is empty, because a blank cell is unanswered."""
    if not text:
        raise NoAnswer
    return text


def _sign(text: str) -> str:
    return text[0] if text[0] in _OPERATORS else _SUFFIXES.get(text[-2:], NOTHING)


def _sign_formula(text: str) -> str:
    after = excel_string(NOTHING)
    for suffix, sign in _SUFFIXES.items():
        after = f"IF(EXACT(RIGHT({text},2),{excel_string(suffix)}),{excel_string(sign)},{after})"
    return f"IF({_is_among_formula(f'LEFT({text},1)', _OPERATORS)},LEFT({text},1),{after})"


def _is_among_formula(letter: str, letters: str) -> str:
    return f"ISNUMBER(FIND({letter},{excel_string(letters)}))"


def _body(text: str) -> str:
    body = text[1:] if text[0] in _OPERATORS else text
    return _require_text(body[:-2] if body[-2:] in _SUFFIXES else body)


def _body_formula(text: str) -> str:
    body = f"IF({_is_among_formula(f'LEFT({text},1)', _OPERATORS)},MID({text},2,LEN({text})),{text})"
    tests = ",".join(f"EXACT(RIGHT({text},2),{excel_string(suffix)})" for suffix in _SUFFIXES)
    return f"IF(AND(LEN({body})>1,OR({tests})),LEFT({body},LEN({body})-2),{body})"


def _figure(body: str) -> str:
    match = _FIGURE.fullmatch(body)
    return _require_text(match[1] if match else "")


def _figure_formula(body: str) -> str:
    """The formula of ``_figure``: the number that a body begins with, unless another number follows it."""
    rest = _replace_all_formula(body, tuple((letter, "") for letter in _DIGITS + ".,"))
    first = f"LEFT({body},LEN({body})-LEN({rest}))"
    return f'IF(EXACT({first}&{rest},{body}),{first},"")'


def _measure(body: str, figure: str) -> str:
    rest = body[len(figure) :]
    return {"": NOTHING, "万": "万元"}.get(rest, rest)


def _measure_formula(body: str, figure: str) -> str:
    rest = f"MID({body},LEN({figure})+1,LEN({body}))"
    return f'IF(LEN({body})=LEN({figure}),{excel_string(NOTHING)},IF(EXACT({rest},"万"),"万元",{rest}))'


def _number(figure: str, measure: str, never: tuple[str, ...], first: tuple[str, ...]) -> Decimal:
    is_valid = (
        len(measure) <= _LONGEST_MEASURE and measure[0] not in first and not any(text in measure for text in never)
    )
    if not is_valid or len(figure) > _MOST_FIGURES or not _NUMBER.fullmatch(figure):
        raise NoAnswer
    return Decimal(figure.replace(",", ""))


def _number_formula(figure: str, measure: str, never: tuple[str, ...], first: tuple[str, ...]) -> str:
    whole = f'LEFT({figure},FIND(".",{figure}&".")-1)'
    value = f'SUBSTITUTE({figure},",","")'
    grouped = f'EXACT({whole},TEXT(VALUE(SUBSTITUTE({whole},",","")),"#,##0"))'
    later = f'ISNUMBER(FIND(",",MID({figure},LEN({whole})+1,99)))'
    tests = [
        f"LEN({figure})<={_MOST_FIGURES}",
        f"LEN({measure})<={_LONGEST_MEASURE}",
        f'LEN({figure})-LEN(SUBSTITUTE({figure},".",""))<=1',
        _is_among_formula(f"LEFT({figure},1)", _DIGITS),
        _is_among_formula(f"RIGHT({figure},1)", _DIGITS),
        f"NOT({_is_among_formula(f'LEFT({measure},1)', ''.join(first))})",
        f"NOT(OR({','.join(f'ISNUMBER(FIND({excel_string(text)},{measure}))' for text in never)}))",
    ]
    is_valid = f"AND({','.join(tests)})"
    # The tests for commas are in a branch of their own: VALUE of a text without digits is an error.
    with_commas = f'IF(AND({grouped},NOT({later})),VALUE({value}),"")'
    return f'IF({is_valid},IF(ISNUMBER(FIND(",",{figure})),{with_commas},VALUE({value})),"")'


def _has_figures(text: str) -> bool:
    return any(letter in _DIGITS for letter in text)


def _has_figures_formula(text: str) -> str:
    return f"LEN({_replace_all_formula(text, tuple((digit, '') for digit in _DIGITS))})<LEN({text})"


def _first_number(*values: Value) -> Decimal:
    for value in values:
        if isinstance(value, Decimal):
            return value
    raise NoAnswer


def _first_number_formula(*cells: str) -> str:
    formula = '""'
    for cell in reversed(cells):
        formula = f"IF(ISNUMBER({cell}),{cell},{formula})"
    return formula


def _glued(before: Value, text: Value, after: Value) -> str:
    if any(isinstance(value, SheetError) for value in (before, text, after)):
        raise NoAnswer
    return _require_text(as_text(text)) and as_text(before) + as_text(text) + as_text(after)


def _begins_alike(left: str, right: str) -> bool:
    left, right = (_replace_all(text, _PER) for text in (left, right))
    return left.startswith(right) or right.startswith(left)


def _begins_alike_formula(left: str, right: str) -> str:
    left, right = (_replace_all_formula(text, _PER) for text in (left, right))
    return f"OR(EXACT(LEFT({left},LEN({right})),{right}),EXACT(LEFT({right},LEN({left})),{left}))"


def _length(text: str) -> Decimal:
    return Decimal(len(without_spaces(as_text(text)).encode("utf-16-le")) // 2)  # sheets count UTF-16 code units


GRAMMAR: tuple[Function, ...] = (
    Function("plain", (TEXT,), Type.TEXT, _plain, _plain_formula, "{0}（全角变半角，去掉空白）"),
    Function(
        "signs", (TEXT,), Type.TEXT, _signs, lambda text: _replace_all_formula(text, SIGNS),
        "{0}（“不低于”等变符号）",
    ),
    Function("sign", (TEXT,), Type.TEXT, _sign, _sign_formula, "{0}的比较符号（没有的为“无”）"),
    Function("body", (TEXT,), Type.TEXT, _body, _body_formula, "{0}去掉比较符号的部分"),
    Function("figure", (TEXT,), Type.TEXT, _figure, _figure_formula, "{0}开头的数字（后面再没有数字的）"),
    Function(
        "measure", (TEXT, TEXT), Type.TEXT, _measure, _measure_formula,
        "{0}在数字{1}后面的计量单位（没有的为“无”）",
    ),
    Function(
        "number", (TEXT, TEXT, WORDS, WORDS), Type.NUMBER, _number, _number_formula,
        "数字{0}的值（计量单位{1}不含{2}，不以{3}开头）",
    ),
    Function("has_figures", (TEXT,), Type.TRUTH, _has_figures, _has_figures_formula, "{0}里有数字"),
    Function(
        "begins_alike", (TEXT, TEXT), Type.TRUTH, _begins_alike, _begins_alike_formula,
        "{0}与{1}相同，或一个以另一个开头",
    ),
    Function("length", (TEXT,), Type.NUMBER, _length, lambda text: f"LEN({without_spaces_formula(text)})", "{0}的字数"),
    Function(
        "glued", (CELL, CELL, CELL), Type.TEXT, _glued,
        lambda before, text, after: f'IF(LEN({text})=0,"",{before}&{text}&{after})',
        "{0}、{1}、{2}连写（{1}没有填的为空）", takes_blank=True,
    ),
    Function(
        "first_number", (CELL, CELL), Type.NUMBER, _first_number, _first_number_formula,
        "{0}、{1}中第一个数值", takes_blank=True,
    ),
)  # fmt: skip
