"""Points typed as percentages: a weight of 20% means 20 points of 100."""

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
#: The literal parts of a number format, in which a percent sign has no meaning.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')


@dataclass(frozen=True)
class PercentColumn:
    """A column of points typed as percentages.

    Attributes:
        column: weight or score.
        places: the places, with the points read.
    """

    column: str
    places: dict[Place, Decimal]


def percent_columns(
    layout: Layout, fact: Callable[[Place], CellFact], values: dict[Place, Value]
) -> Iterator[PercentColumn]:
    """Yield the columns of points typed as percentages: the weights, and with them the scores.

    Args:
        layout: the layout.
        fact: returns the cell of a place.
        values: the values read.
    """
    weights: set[Place] = set()
    for column in ("weight", "score"):
        if column not in layout.form.row_columns:
            return
        sums = (layout.form.fund_cell(FUND_TOTAL, column), SingleCell(f"{TOTAL}.{column}"))
        places: tuple[Place, ...] = (*layout.column_cells(column), *sums)
        known = [place for place in places if place in values]
        points_by_place = {
            place: points for place in known if (points := _points(fact(place), values[place])) is not None
        }
        if not any(isinstance(place, VariableRowCell) for place in points_by_place):
            return  # scores in percent have another meaning beside weights in points
        if all(
            place in points_by_place or values[place] is None for place in known if isinstance(place, VariableRowCell)
        ):
            points_by_place |= {place: points for place in known if place not in points_by_place
                      and (points := _points_of_share(place, values, weights)) is not None}  # fmt: skip
        weights |= points_by_place.keys()
        yield PercentColumn(column, points_by_place)


def _points_of_share(place: Place, values: dict[Place, Value], weights: set[Place]) -> Decimal | None:
    """The points of a sum without a percent sign, beside a column of percentages: 100 for 1."""
    value, weight = values[place], place.sibling("weight")
    beside = (
        place == weight or weight in weights or values.get(weight) is None
    )  # a weight of 10 points allows a score of 1 point
    if not beside or not isinstance(value, Decimal) or not 0 < value <= 1:
        return None
    return multiply(value, Decimal(100))


def _points(fact: CellFact, value: Value) -> Decimal | None:
    """The points of a cell with a percentage, as a number or as a text; None for another cell."""
    if isinstance(value, SheetError):
        return None
    if isinstance(value, Decimal):
        is_percent = "%" in _LITERAL.sub("", fact.number_format) and isinstance(fact.value, Decimal)
        return multiply(value, Decimal(100)) if is_percent else None
    typed = _PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
    return Decimal(typed[1]) if typed else None
