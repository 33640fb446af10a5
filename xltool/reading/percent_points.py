"""Points that were typed as percentages: a weight of 20% is 20 points of 100."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from xltool.form.blocks import FUND_TOTAL, TOTAL
from xltool.form.layout import Layout
from xltool.form.places import Place, SingleCell, VariableRowCell
from xltool.language.functions import SheetError, Value
from xltool.language.numbers import multiply
from xltool.workbook.grid import CellFact

_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*[%％]")
#: What a number format prints as it stands, so that a percent sign in it means nothing.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')


@dataclass(frozen=True)
class PercentColumn:
    """A column of points in which percentages stand.

    Attributes:
        column: weight or score.
        places: where they stand, with what was read for them.
    """

    column: str
    places: dict[Place, Decimal]


def percent_columns(
    layout: Layout, fact: Callable[[Place], CellFact], values: dict[Place, Value]
) -> Iterator[PercentColumn]:
    """The columns of points in which percentages stand: that of the weights, and beside it that of the scores.

    Args:
        layout: where places stand.
        fact: what stands at a place.
        values: what was read.
    """
    weights: set[Place] = set()
    for column in ("weight", "score"):
        if column not in layout.form.row_columns:
            return
        sums = (layout.form.fund_cell(FUND_TOTAL, column), SingleCell(f"{TOTAL}.{column}"))
        places: tuple[Place, ...] = (*layout.column_cells(column), *sums)
        known = [place for place in places if place in values]
        found = {place: points for place in known if (points := _points(fact(place), values[place])) is not None}
        if not any(isinstance(place, VariableRowCell) for place in found):
            return  # scores in percent beside weights in points say something else
        if all(place in found or values[place] is None for place in known if isinstance(place, VariableRowCell)):
            found |= {place: points for place in known if place not in found
                      and (points := _of_share(place, values, weights)) is not None}  # fmt: skip
        weights |= found.keys()
        yield PercentColumn(column, found)


def _of_share(place: Place, values: dict[Place, Value], weights: set[Place]) -> Decimal | None:
    """The points of a sum beside a column of percentages whose own cell shows no sign: 1 for 100%."""
    value, weight = values[place], place.sibling("weight")
    beside = place == weight or weight in weights or values.get(weight) is None  # of 10 points one may be had
    if not beside or not isinstance(value, Decimal) or not 0 < value <= 1:
        return None
    return multiply(value, Decimal(100))


def _points(fact: CellFact, value: Value) -> Decimal | None:
    """The points of a cell that holds a percentage, as a number or as a text."""
    if isinstance(value, SheetError):
        return None
    if isinstance(value, Decimal):
        is_percent = "%" in _LITERAL.sub("", fact.number_format) and isinstance(fact.value, Decimal)
        return multiply(value, Decimal(100)) if is_percent else None
    typed = _PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
    return Decimal(typed[1]) if typed else None
