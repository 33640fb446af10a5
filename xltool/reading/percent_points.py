"""Points typed as percentages: a weight of 20% means 20 points of 100."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from xltool.form.layout import Layout
from xltool.form.places import Place, VariableRowCell
from xltool.language.functions import SheetError, Value
from xltool.language.numbers import multiply
from xltool.result.roles import FUND_SCORE, FUND_WEIGHT, SCORE, TOTAL_SCORE, TOTAL_WEIGHT, WEIGHT
from xltool.workbook.grid import CellFact

_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*[%％]")
#: The literal parts of a number format, in which a percent sign has no meaning.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')


@dataclass(frozen=True)
class PercentColumn:
    """A column of points typed as percentages.

    Attributes:
        column: that of weights or of scores.
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
    weight_of = _weights_of_points(layout)
    for role, role_of_sum, role_of_funds in (
        (WEIGHT, TOTAL_WEIGHT, FUND_WEIGHT),
        (SCORE, TOTAL_SCORE, FUND_SCORE),
    ):
        column = layout.form.column(role)
        if column is None:
            return
        sums = (layout.form.place(role_of_funds), layout.form.place(role_of_sum))
        places: tuple[Place, ...] = (*layout.column_cells(column), *(place for place in sums if place is not None))
        known = [place for place in places if place in values]
        points_by_place = {
            place: points for place in known if (points := _points(fact(place), values[place])) is not None
        }
        if not any(isinstance(place, VariableRowCell) for place in points_by_place):
            return  # scores in percent have another meaning beside weights in points
        if all(
            place in points_by_place or values[place] is None for place in known if isinstance(place, VariableRowCell)
        ):
            for place in (place for place in known if place not in points_by_place):
                if (points := _points_of_share(place, values, weight_of.get(place), weights)) is not None:
                    points_by_place[place] = points
        weights |= points_by_place.keys()
        yield PercentColumn(column, points_by_place)


def _weights_of_points(layout: Layout) -> Mapping[Place, Place]:
    """The place of the weight of each place of points: itself, or that beside a score."""
    form = layout.form
    pairs = [(form.place(role), form.place(FUND_WEIGHT)) for role in (FUND_WEIGHT, FUND_SCORE)]
    pairs += [(form.place(role), form.place(TOTAL_WEIGHT)) for role in (TOTAL_WEIGHT, TOTAL_SCORE)]
    weights: dict[Place, Place] = {place: weight for place, weight in pairs if place is not None and weight is not None}
    column = form.column(WEIGHT)
    for points in (column, form.column(SCORE)):
        if points is not None and column is not None:
            weights |= {place: place.sibling(column) for place in layout.column_cells(points)}
    return weights


def _points_of_share(
    place: Place, values: Mapping[Place, Value], weight: Place | None, weights: Collection[Place]
) -> Decimal | None:
    """The points of a sum without a percent sign, beside a column of percentages: 100 for 1.

    Args:
        place: the place.
        values: the values read.
        weight: the place of its weight; None if the form has none.
        weights: the weights that were typed as percentages.
    """
    value = values[place]
    beside = (
        weight is None or place == weight or weight in weights or values.get(weight) is None
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
