"""The functions of the rule language: each record has types, Python function, Excel formula and Chinese words.

The formulas use only functions that Excel 2007, WPS and LibreOffice compute alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any as Anything

from xltool.language.numbers import SPACES, add, decimal_text, round_half_up, without_spaces
from xltool.language.types import Type

#: A value of a cell: a number, a text, an error value of the sheet, or nothing.
Value = Decimal | str | None


class NoAnswer(Exception):  # noqa: N818  # not an error: nothing to judge
    """There is no value, because a needed cell is blank, of the wrong type, or an error value."""


class SheetError(str):
    """An error value in a cell (#DIV/0!, #REF! …): the cell is filled, but has no answer."""


@dataclass(frozen=True)
class Function:
    """One function of the language. Its arguments are checked by the parser.

    Attributes:
        name: its name in expressions.
        params: for each parameter, the types it accepts; the last parameter may repeat.
        result: the type of its value.
        evaluate: computes the value; raises NoAnswer if there is none.
        excel: builds its formula from those of the arguments; None if there is no formula, so that rules with this
            function are only checked after submission.
        words: a template of its Chinese wording.
        repeats: whether the last parameter takes any number of arguments.
        takes_blank: whether blank cells and cells of the wrong type are valid arguments.
        over_cells: whether it is an aggregate over cells and cell ranges.
        blank_when_empty: whether an aggregate of no numbers has no value.
    """

    name: str
    params: tuple[tuple[Type, ...], ...]
    result: Type
    evaluate: Callable[..., Anything]
    excel: Callable[..., str] | None
    words: str
    repeats: bool = False
    takes_blank: bool = False
    over_cells: bool = False
    blank_when_empty: bool = False


def as_text(value: Value) -> str:
    """The text of a cell value when it is concatenated to a text, as ``&`` does in a sheet."""
    return decimal_text(value) if isinstance(value, Decimal) else value or ""


def excel_string(text: str) -> str:
    """Quote a text as a string literal of a formula."""
    return '"' + text.replace('"', '""') + '"'


def without_spaces_formula(cell: str) -> str:
    """The formula of a cell's text without white space."""
    cell = f"CLEAN({cell})"
    for space in SPACES:
        cell = f'SUBSTITUTE({cell},{excel_string(space)},"")'
    return cell


# U+3000 cannot occur in a text without spaces, so it can separate the words of a list.
_PART = "\u3000"


def _is_one_of(value: Value, words: tuple[str, ...]) -> bool:
    return not isinstance(value, SheetError) and without_spaces(as_text(value)) in words


def _one_of_formula(cell: str, words: tuple[str, ...]) -> str:
    # FIND is exact and has no wildcards; in MATCH and COUNTIF a typed * would match everything.
    word_list = excel_string(_PART + _PART.join(words) + _PART)
    return f"ISNUMBER(FIND({excel_string(_PART)}&{without_spaces_formula(cell)}&{excel_string(_PART)},{word_list}))"


def _contains(value: Value, words: tuple[str, ...]) -> bool:
    text = as_text(value)
    return not isinstance(value, SheetError) and any([word in text for word in words])  # noqa: C419  # twice as fast


def _contains_formula(cell: str, words: tuple[str, ...]) -> str:
    return "OR(" + ",".join(f"ISNUMBER(FIND({excel_string(word)},{cell}))" for word in words) + ")"


def _only_if(test: bool, value: Decimal) -> Decimal:
    if not test:
        raise NoAnswer
    return value


def _same_text(left: Value, right: Value) -> bool:
    return without_spaces(as_text(left)) == without_spaces(as_text(right))


def _made_of(value: Value, letters: tuple[str, ...]) -> bool:
    text = without_spaces(as_text(value))
    return bool(text) and set(text) <= set(letters)


def _made_of_formula(cell: str, letters: tuple[str, ...]) -> str:
    text = rest = without_spaces_formula(cell)
    for letter in letters:
        rest = f'SUBSTITUTE({rest},{excel_string(letter)},"")'
    return f"AND(LEN({text})>0,LEN({rest})=0)"


def _mentions(cells: Sequence[Value], words: tuple[str, ...]) -> bool:
    return any(isinstance(value, str) and _contains(value, words) for value in cells)


def _mentions_formula(cells: str, words: tuple[str, ...]) -> str:
    # no FIND over a range without an array; the words hold no wildcard
    return "+".join(f"COUNTIF({run},{excel_string(f'*{word}*')})" for run in cells.split(",") for word in words) + ">0"


HALF_UP, UP, DOWN, NONE = "四舍五入", "进一", "截断", "不符"
WHOLE, TENTH, UNROUNDED = "只保留整数", "只保留一位小数", "未取整"


def _fits(printed: Decimal, exact: Decimal, places: int) -> str:
    near, step = round_half_up(exact, places), Decimal(1).scaleb(-places)
    printed, exact = round_half_up(printed, 9), round_half_up(exact, 9)
    if printed == near:
        return HALF_UP
    if printed == near + step and near < exact:
        return UP
    if printed == near - step and near > exact:
        return DOWN
    return NONE


def _rounding(printed: Decimal, exact: Decimal, places: Decimal) -> str:
    full = int(places)
    if (habit := _fits(printed, exact, full)) != NONE:
        return habit
    if _fits(printed, exact, full - 2) != NONE:
        return WHOLE
    if _fits(printed, exact, full - 1) != NONE:
        return TENTH
    return UNROUNDED if round_half_up(printed, 9) == round_half_up(exact, 9) else NONE


def _rounding_formula(printed: str, exact: str, places: str) -> str:
    def tests(digits: int) -> tuple[str, str, str]:
        # ROUNDUP and ROUNDDOWN act on the binary number and err by one unit; ROUND does not.
        near, step = f"ROUND({exact},{digits})", decimal_text(Decimal(1).scaleb(-digits))
        shown, value = f"ROUND({printed},9)", f"ROUND({exact},9)"
        return (
            f"{shown}=ROUND({near},9)",
            f"AND({shown}=ROUND({near}+{step},9),ROUND({near},9)<{value})",
            f"AND({shown}=ROUND({near}-{step},9),ROUND({near},9)>{value})",
        )

    full = int(places)
    answer = f"IF(ROUND({printed},9)=ROUND({exact},9),{excel_string(UNROUNDED)},{excel_string(NONE)})"
    answer = f"IF(OR({','.join(tests(full - 1))}),{excel_string(TENTH)},{answer})"
    answer = f"IF(OR({','.join(tests(full - 2))}),{excel_string(WHOLE)},{answer})"
    for test, habit in reversed(list(zip(tests(full), (HALF_UP, UP, DOWN), strict=True))):
        answer = f"IF({test},{excel_string(habit)},{answer})"
    return answer


#: The types that a parameter accepts.
NUMBER, TEXT, CELL, WORDS, CELLS = (Type.NUMBER,), (Type.TEXT,), (Type.NUMBER, Type.TEXT), (Type.WORDS,), (Type.CELLS,)
_ADDENDS = (Type.CELLS, Type.NUMBER)

GENERAL: tuple[Function, ...] = (
    Function(
        "filled", (CELL,), Type.TRUTH,
        lambda value: isinstance(value, SheetError) or without_spaces(as_text(value)) != "",
        lambda cell: f"IF(ISERROR({cell}),TRUE,LEN({without_spaces_formula(cell)})>0)",
        "{0}已填写", takes_blank=True,
    ),
    Function(
        "is_error", (CELL,), Type.TRUTH,
        lambda value: isinstance(value, SheetError),
        lambda cell: f"ISERROR({cell})",
        "{0}是错误值", takes_blank=True,
    ),
    Function(
        "is_number", (CELL,), Type.TRUTH,
        lambda value: isinstance(value, Decimal),
        lambda cell: f"ISNUMBER({cell})",
        "{0}是数值", takes_blank=True,
    ),
    Function(
        "one_of", (TEXT, WORDS), Type.TRUTH, _is_one_of, _one_of_formula,
        "{0}是{1}之一", takes_blank=True,
    ),
    Function(
        "contains", (TEXT, WORDS), Type.TRUTH, _contains, _contains_formula,
        "{0}含有{1}之一", takes_blank=True,
    ),
    Function(
        "mentions", (CELLS, WORDS), Type.TRUTH, _mentions, _mentions_formula,
        "{0}里提到{1}之一",
    ),
    Function(
        "same_text", (TEXT, TEXT), Type.TRUTH, _same_text,
        lambda left, right: f"EXACT({without_spaces_formula(left)},{without_spaces_formula(right)})",
        "{0}与{1}文字相同",
    ),
    Function(
        "made_of", (TEXT, WORDS), Type.TRUTH, _made_of, _made_of_formula,
        "{0}只由{1}这些字符组成",
    ),
    Function(
        "answered", (CELL,), Type.TRUTH,
        lambda value: True,  # the test that needed cells are answered does the work
        lambda value: "TRUE",
        "{0}有值",
    ),
    Function(
        "only_if", ((Type.TRUTH,), NUMBER), Type.NUMBER, _only_if,
        lambda test, value: f'IF({test},{value},"")',
        "{1}（{0}时才有）",
    ),
    Function(
        "round", (NUMBER, NUMBER), Type.NUMBER,
        lambda value, places: round_half_up(value, int(places)),
        lambda value, places: f"ROUND({value},{places})",
        "{0}（保留{1}位小数）",
    ),
    Function("abs", (NUMBER,), Type.NUMBER, Decimal.copy_abs, lambda value: f"ABS({value})", "{0}的绝对值"),
    Function(
        "min", (NUMBER, NUMBER), Type.NUMBER, min,
        lambda left, right: f"MIN({left},{right})", "{0}与{1}中较小的",
    ),
    Function(
        "max", (NUMBER, NUMBER), Type.NUMBER, max,
        lambda left, right: f"MAX({left},{right})", "{0}与{1}中较大的",
    ),
    Function(
        "rounding", (NUMBER, NUMBER, NUMBER), Type.TEXT, _rounding, _rounding_formula,
        "由{1}得到{0}的取整方式（{2}位小数）",
    ),
    Function(
        "sum", (_ADDENDS,), Type.NUMBER,
        lambda numbers: add(*numbers),
        lambda *cells: f"SUM({','.join(cells)})",
        "{0}之和", repeats=True, over_cells=True, blank_when_empty=True,
    ),
    Function(
        "count", (_ADDENDS,), Type.NUMBER,
        lambda numbers: Decimal(len(numbers)),
        lambda *cells: f"COUNT({','.join(cells)})",
        "{0}中的数值个数", repeats=True, over_cells=True,
    ),
)  # fmt: skip
