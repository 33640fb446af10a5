"""How alike texts are, and what they say of dates: functions that no formula of a sheet can give."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from xltool.language.functions import CELLS, NUMBER, TEXT, WORDS, Function, NoAnswer, Value, as_text
from xltool.language.numbers import squeezed
from xltool.language.tree import Type

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:年|[-./]\d)")
_DATE = re.compile(
    r"(?:于)?(?:(?P<year>(?:19|20)\d\d)年度?)?(?:(?:\d{1,2}月)?(?:\d{1,2}日)?(?:-|—|至|~|～)+)?"
    r"(?:(?P<later>(?:19|20)\d\d)年)?(?P<month>\d{1,2})月(?:份)?(?:(?P<day>\d{1,2})日)?(?:上旬|中旬|下旬|初|底|末)?(?:之?以?前)?"
    r"(?:全部)?(?:已)?(?:完成|完工|竣工|交付|验收)?"
)
_PARTS = re.compile(r"[、，,；;。:：\n]|以及|并且|\d+[.．、)]")


def _ratio(left: str, right: str) -> Decimal:
    from rapidfuzz import fuzz

    return _share(fuzz.ratio(left, right))


def _share(score: float) -> Decimal:
    return Decimal(str(round(score / 100, 4)))


def _similar(left: Value, right: Value) -> Decimal:
    return _ratio(_text(left), _text(right))


def _text(value: Value) -> str:
    return squeezed(as_text(value))


#: Longer texts, in letters, are compared whole: to slide one cell's fill along another's takes minutes.
_LONGEST_PART, _LONGEST_WHOLE = 500, 5000


def _part_of(part: Value, whole: Value) -> Decimal:
    """How much of ``part`` stands in ``whole``, in one piece; of a longer text, how alike the two are."""
    from rapidfuzz import fuzz

    left, right = _text(part), _text(whole)
    return _share(fuzz.partial_ratio(left, right)) if _slides(left, right) else _ratio(left, right)


def _slides(part: str, whole: str) -> bool:
    """Whether a text is looked for in another, from place to place."""
    return len(part) <= len(whole) and len(part) <= _LONGEST_PART and len(whole) <= _LONGEST_WHOLE


def _texts(columns: Sequence[str | Sequence[Value]]) -> list[str]:
    cells = [value for column in columns for value in ([column] if isinstance(column, str) else column)]
    return [as_text(value) for value in cells if value is not None and _text(value)]


def _nearest(text: Value, *columns: Sequence[Value]) -> Decimal:
    """The same as the greatest ``_part_of``, whose arithmetic is left to one call for all texts."""
    from rapidfuzz import fuzz, process

    own = _text(text)
    others = dict.fromkeys(_text(other) for other in _texts(columns))
    slid = [other for other in others if _slides(own, other)]
    whole = [other for other in others if not _slides(own, other)]
    best = (
        process.extractOne(own, group, scorer=scorer)
        for group, scorer in ((slid, fuzz.partial_ratio), (whole, fuzz.ratio))
    )
    return max((_share(found[1]) for found in best if found is not None), default=Decimal(0))


def _nearest_text(text: Value, *columns: Sequence[Value]) -> str:
    return max(_texts(columns), key=lambda other: _part_of(text, other), default="")


def _count_same(text: Value, *columns: Sequence[Value]) -> Decimal:
    return Decimal(sum(_text(other) == _text(text) for other in _texts(columns)))


def _year_named(text: Value) -> Decimal:
    years = _YEAR.findall(_text(text))
    if not years:
        raise NoAnswer
    return Decimal(years[-1])


def _deadline(text: Value, year: Decimal) -> Decimal:
    """A month as a number that can be compared: 2020年9月前 is 202009."""
    found = _DATE.fullmatch(_text(text))
    if found is None or not 1 <= int(found["month"]) <= 12:
        raise NoAnswer
    return Decimal(int(found["later"] or found["year"] or year) * 100 + int(found["month"]))


def _untold(goal: Value, common: tuple[str, ...], *columns: str | Sequence[Value]) -> str:
    """The tasks of a goal of which nothing stands in any of the other texts, parted by 、."""
    told = "".join(_text(one) for one in _texts(columns))
    missing = [part.strip() for part in _PARTS.split(as_text(goal)) if _names_something(part, common, told)]
    return "、".join(dict.fromkeys(missing))


def _names_something(part: str, common: tuple[str, ...], told: str) -> bool:
    core = _text(part)
    for word in common:
        core = core.replace(word, " ")
    pairs = [piece[at : at + 2] for piece in core.split() for at in range(len(piece) - 1)]
    return 1 <= len(pairs) <= 12 and not any(pair in told for pair in pairs)


SIMILARITY: tuple[Function, ...] = (
    Function("similar", (TEXT, TEXT), Type.NUMBER, _similar, None, "{0}与{1}的相似度"),
    Function("part_of", (TEXT, TEXT), Type.NUMBER, _part_of, None, "{0}有多少出自{1}"),
    Function("nearest", (TEXT, CELLS), Type.NUMBER, _nearest, None, "{0}与{1}中最相近的一个的相似度", repeats=True),
    Function("nearest_text", (TEXT, CELLS), Type.TEXT, _nearest_text, None, "{1}中与{0}最相近的一个", repeats=True),
    Function("count_same", (TEXT, CELLS), Type.NUMBER, _count_same, None, "{1}中与{0}相同的个数", repeats=True),
    Function("year_named", (TEXT,), Type.NUMBER, _year_named, None, "{0}里写的年份"),
    Function("deadline", (TEXT, NUMBER), Type.NUMBER, _deadline, None, "{0}所说的月份（没有写年份的，按{1}年）"),
    Function(
        "untold", (TEXT, WORDS, (Type.CELLS, Type.TEXT)), Type.TEXT, _untold, None,
        "{0}所列而{2}没有提到的事项（不计{1}）", repeats=True,
    ),
)  # fmt: skip
