"""The reading of one workbook: the values at their places, and what was done to its formulas."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal

from xltool.form.addresses import Addresses
from xltool.form.answers import Answers
from xltool.form.codes import parted
from xltool.form.definition import Field
from xltool.form.kinds import cleaned
from xltool.form.layout import Layout
from xltool.form.names import Item, Place
from xltool.language import excel
from xltool.language.functions import SheetError, Value
from xltool.language.numbers import rounded
from xltool.language.tree import Type
from xltool.read.anchor import Anchors, anchor
from xltool.read.grid import EMPTY, CellFact, Grid
from xltool.read.identify import Identity


@dataclass(frozen=True)
class Reading:
    """What a workbook says.

    Attributes:
        answers: the values; a formula that stands as issued has its recomputed value.
        stored: what the workbook itself stores for such formulas, where it differs.
        overwritten: computed places whose formula is gone or changed, with the formula that stands there now.
        explanations: what the unit wrote on the panel, by rule.
    """

    identity: Identity
    anchors: Anchors
    answers: Answers
    application: str | None
    stored: dict[Place, Value] = field(default_factory=dict)
    overwritten: dict[Place, str] = field(default_factory=dict)
    explanations: dict[str, str] = field(default_factory=dict)


def read_form(grid: Grid, identity: Identity) -> Reading:
    """Read a workbook of ours."""
    anchors = anchor(grid, identity)
    layout = anchors.layout

    def fact(place: Place) -> CellFact:
        if place in anchors.lost:
            return EMPTY
        box = layout.box(place)
        return grid.at(box.sheet, box.top, box.left)

    values: dict[Place, Value] = {}
    for place in layout.places:
        one = layout.form.field(place)
        if not one.beside:
            values[place] = _value(fact(place), one)
    values |= _codes(layout, values)
    answers = Answers(layout, values)
    stored: dict[Place, Value] = {}
    overwritten = {}
    for place, node in layout.form.formulas.items():
        issued = excel.formula(node, Addresses(layout, Item("form"), layout.box(place).sheet))
        formula = fact(place).formula
        right = answers.evaluated(node)
        if _plain(formula) == _plain(issued):
            if right is not None and not _same(values[place], right):
                stored[place] = values[place]
            values[place] = right
        else:
            overwritten[place] = formula
            if formula and isinstance(values[place], SheetError | None):  # another formula, which nobody has computed
                values[place] = right
    explanations = {}
    for rule in layout.explainable:
        text = fact(("explanations", rule)).text
        if cleaned(text):
            explanations[rule] = cleaned(text)
            values["explanations", rule] = text
    return Reading(identity, anchors, answers, grid.application, stored, overwritten, explanations)


def _codes(layout: Layout, values: dict[Place, Value]) -> dict[Place, Value]:
    """Codes that stand before a name in one cell, and the names without them."""
    found: dict[Place, Value] = {}
    for one in layout.form.fields.values():
        place, code_place = tuple(one.name.split(".")), tuple(one.before.split("."))
        value = values.get(place)
        if one.before and isinstance(value, str) and not isinstance(value, SheetError):
            code, found[place] = parted(value)
            if code is not None:
                found[code_place] = code
    return found


def _value(fact: CellFact, field: Field) -> Value:
    if field.inside:
        return _inside(fact.text, field)
    if field.kind.type is Type.TEXT and not isinstance(fact.value, SheetError):
        return fact.text if cleaned(fact.text) else None
    return fact.value


def _inside(text: str, field: Field) -> Value:
    """The part of a printed label that is the value: 万元 in 「项目资金（万元）」."""
    before, _, after = (_compared(part) for part in field.inside.partition("{}"))
    found = re.fullmatch(f"{re.escape(before)}(.*){re.escape(after)}", _compared(text))
    return found[1] or None if found else None


def _compared(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def _plain(formula: str) -> str:
    """A formula without what programs change when they save: spaces, quotes around sheet names, case, $."""
    return re.sub(r"[\s$']", "", formula).removeprefix("of:").removeprefix("=").upper()


def _same(stored: Value, right: Value) -> bool:
    if isinstance(stored, Decimal) and isinstance(right, Decimal):
        return rounded(stored, 9) == rounded(right, 9)
    return (stored or None) == right
