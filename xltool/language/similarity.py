"""Functions on the similarity of texts. They have no Excel formula."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from xltool.language.functions import CELLS, NUMBER, TEXT, WORDS, Function, Value, as_text
from xltool.language.numbers import without_spaces
from xltool.language.types import Type

#: Separators of the tasks of a goal. A point, comma or colon between digits is none (0.4163万元, 1,200人).
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


#: Longer texts, in characters, are compared whole: sliding one full cell along another takes minutes.
_LONGEST_PART, _LONGEST_WHOLE = 500, 5000


def _part_of(part: Value, whole: Value) -> Decimal:
    """The share of ``part`` that occurs in ``whole`` in one piece; for long texts, the similarity of the two."""
    from rapidfuzz import fuzz

    left, right = _text(part), _text(whole)
    return _share(fuzz.partial_ratio(left, right)) if _is_slidable(left, right) else _ratio(left, right)


def _is_slidable(part: str, whole: str) -> bool:
    """Whether ``part`` is short enough to be compared with every position in ``whole``."""
    return len(part) <= len(whole) and len(part) <= _LONGEST_PART and len(whole) <= _LONGEST_WHOLE


def _texts(columns: Sequence[str | Sequence[Value]]) -> list[str]:
    cells = [value for column in columns for value in ([column] if isinstance(column, str) else column)]
    return [as_text(value) for value in cells if value is not None and _text(value)]


def _texts_without_spaces(columns: Sequence[str | Sequence[Value]]) -> list[str]:
    """The texts of cells that are not blank, as they are compared."""
    cells = [value for column in columns for value in ([column] if isinstance(column, str) else column)]
    return [text for value in cells if value is not None and (text := _text(value))]


def _nearest(text: Value, *columns: Sequence[Value]) -> Decimal:
    """The greatest ``_part_of`` among the cells; one library call compares all texts."""
    from rapidfuzz import fuzz, process

    part = _text(text)
    slidable: list[str] = []
    whole: list[str] = []
    for other in dict.fromkeys(_texts_without_spaces(columns)):
        (slidable if _is_slidable(part, other) else whole).append(other)
    best = (
        process.extractOne(part, group, scorer=scorer)
        for group, scorer in ((slidable, fuzz.partial_ratio), (whole, fuzz.ratio))
    )
    return max((_share(match[1]) for match in best if match is not None), default=Decimal(0))


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
    """Whether another row has this row's actual value and this row has that one's.

    Each of the two values must fit the target or name of the other row better than its own.
    """

    def fits(value: Value, *row: Value) -> Decimal:
        return max((_part_of(value, cell) for cell in row if _text(cell)), default=Decimal(0))

    def fits_better(value: Value, other: Sequence[Value], row: Sequence[Value]) -> bool:
        likeness = fits(value, *other)
        return likeness >= least and likeness - fits(value, *row) >= margin

    if _nearest(actual, targets, names) < least:
        return False
    row = (target, name)
    others = [
        (value, (other_target, other_name))
        for value, other_target, other_name in zip(actuals, targets, names, strict=True)
        if _text(value)
    ]
    return any(fits_better(actual, other, row) and fits_better(value, row, other) for value, other in others)


def _count_same(text: Value, *columns: Sequence[Value]) -> Decimal:
    return Decimal(_texts_without_spaces(columns).count(_text(text)))


def _untold(goal: Value, common: tuple[str, ...], *columns: str | Sequence[Value]) -> str:
    """The tasks of a goal of which nothing occurs in the other texts, joined by 、."""
    mentioned = "".join(_texts_without_spaces(columns))
    missing = [part.strip() for part in _PARTS.split(as_text(goal)) if _is_missing(part, common, mentioned)]
    return "、".join(dict.fromkeys(missing))


def _is_missing(part: str, common: tuple[str, ...], mentioned: str) -> bool:
    """Whether a task names something specific of which no two adjacent characters are mentioned."""
    core = _text(part)
    for word in common:
        core = core.replace(word, " ")
    pairs = [piece[at : at + 2] for piece in core.split() for at in range(len(piece) - 1)]
    return 1 <= len(pairs) <= 12 and not any(pair in mentioned for pair in pairs)


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
