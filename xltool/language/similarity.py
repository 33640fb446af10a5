"""How alike texts are: functions that no formula of a sheet can give."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from xltool.language.functions import CELLS, NUMBER, TEXT, WORDS, Function, Value, as_text
from xltool.language.numbers import without_spaces
from xltool.language.tree import Type

#: What parts the tasks of a goal: a point, comma or colon between digits parts none (0.4163万元, 1,200人).
_PARTS = re.compile(r"[、，；;。\n]|(?<!\d)[,:：]|[,:：](?!\d)|以及|并且|(?<![\d.．])\d+(?:[、)]|[.．](?!\d))")


def _ratio(left: str, right: str) -> Decimal:
    from rapidfuzz import fuzz

    return _share(fuzz.ratio(left, right))


def _share(score: float) -> Decimal:
    return Decimal(str(round(score / 100, 4)))


def _similar(left: Value, right: Value) -> Decimal:
    return _ratio(_text(left), _text(right))


def _text(value: Value) -> str:
    return without_spaces(as_text(value))


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


def _exchanged(
    actual: Value,
    target: Value,
    name: Value,
    actuals: Sequence[Value],
    targets: Sequence[Value],
    names: Sequence[Value],
    least: Decimal,
    margin: Decimal,
) -> bool:
    """Whether the actual value of another row answers this one, and this row's that one, better than their own."""

    def fits(value: Value, *row: Value) -> Decimal:
        return max((_part_of(value, one) for one in row if _text(one)), default=Decimal(0))

    def strays(value: Value, own: Sequence[Value], other: Sequence[Value]) -> bool:
        elsewhere = fits(value, *other)
        return elsewhere >= least and elsewhere - fits(value, *own) >= margin

    if _nearest(actual, targets, names) < least:
        return False
    here = (target, name)
    rows = [
        (value, (other, named)) for value, other, named in zip(actuals, targets, names, strict=True) if _text(value)
    ]
    return any(strays(actual, here, there) and strays(value, there, here) for value, there in rows)


def _count_same(text: Value, *columns: Sequence[Value]) -> Decimal:
    return Decimal(sum(_text(other) == _text(text) for other in _texts(columns)))


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
    Function(
        "exchanged", (TEXT, TEXT, TEXT, (Type.CELLS,), (Type.CELLS,), (Type.CELLS,), NUMBER, NUMBER), Type.TRUTH,
        _exchanged, None, "{0}与别的行的完成值对调了（各自更像在答对方的{1}、{2}；相似度{6}以上，比本行高{7}以上）",
    ),
    Function("count_same", (TEXT, CELLS), Type.NUMBER, _count_same, None, "{1}中与{0}相同的个数", repeats=True),
    Function(
        "untold", (TEXT, WORDS, (Type.CELLS, Type.TEXT)), Type.TEXT, _untold, None,
        "{0}所列而{2}没有提到的事项（不计{1}）", repeats=True,
    ),
)  # fmt: skip
