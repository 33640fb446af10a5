"""What a name in an expression means: ``score`` in a rule about indicator rows, ``funds.total.executed`` anywhere.

A *place* is the address of a value inside a form, without any sheet: ``("project", "name")``,
``("funds", "total", "executed")``, ``("indicators", 7, "score")``. Only the layout knows where places stand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from xltool.language import tree
from xltool.language.parse import parse
from xltool.language.tree import Node, Type

if TYPE_CHECKING:
    from xltool.form.definition import Field, Form
    from xltool.form.layout import Layout

Place = tuple[str | int, ...]

#: What stands in a meaning's path for keys of the moment.
KEY, PARTS, ALL, GROUP, OTHERS, EARLIER = "*key", "*parts", "*all", "*group", "*others", "*earlier"
EVERY, REASONS = "*every", "*reasons"

#: The points for execution, which some forms print in the head of the score alone.
_FUND_POINTS = "funds.total.weight"

#: Where units write reasons: the column of the indicators, and those of these fields that a form has.
_REASON_COLUMN = "deviation"
_REASON_FIELDS = ("goal.actual", "implementation", "deviation", "conclusion", "problems", "measures", "remarks")


@dataclass(frozen=True)
class CheckTarget:
    """One thing of an ``each``: its key is a fund row, a fund column, a slot number, or a level's id."""

    each: str
    key: str | int = ""
    label: str = ""


@dataclass(frozen=True)
class Binding:
    """A name's field, and its place with a mark where the item's own key, or several keys, belong."""

    field: Field
    path: tuple[str, ...]

    @cached_property
    def many(self) -> bool:
        """Whether it stands for several cells."""
        return any(part.startswith(_MANY) for part in self.path)

    def label(self, form: Form) -> str:  # noqa: PLR0911  # a line for each kind of place
        """What people call it in a sentence about the item."""
        own = self.field.label
        match self.path:
            case ("funds", row, last) if row == PARTS:
                return "各项资金来源" if last == KEY else f"各项资金来源的{own}"
            case ("funds", row, _) if row == EVERY:
                return f"资金各行的{own}"
            case (row, *_) if row == REASONS:
                return "写原因的各栏"
            case ("funds", row, last) if row != KEY:
                return form.fund_rows[row].label if last == KEY else f"{form.fund_rows[row].label}的{own}"
            case ("indicators", row, _) if row == ALL:
                return f"各指标的{own}"
            case ("indicators", row, _) if row == OTHERS:
                return f"其他指标的{own}"
            case ("indicators", row, _) if row == EARLIER:
                return f"前面各指标的{own}"
            case ("indicators", row, _) if row == GROUP:
                return f"本组指标的{own}"
            case ("indicators", row, _) if row != KEY:
                level1 = next(one for one in form.level1 if row == f"{GROUP}:{one.id}")
                return f"{level1.label}的{own}"
            case ("total", _):
                return f"{form.total_label}的{own}"
        return own

    @property
    def own(self) -> bool:
        """Whether it is a cell of the item asked about, such as another cell of the same row."""
        return KEY in self.path

    def places(self, item: CheckTarget, layout: Layout) -> tuple[Place, ...]:
        """The places meant for this item."""
        if not self.many:
            return (tuple(item.key if part == KEY else part for part in self.path),)
        keys: Sequence[str | int]
        head, *rest = self.path
        if head == REASONS:
            return explanation_places(layout)
        if ALL in rest:
            keys = [slot.index for slot in layout.slots]
        elif OTHERS in rest:
            keys = [slot.index for slot in layout.slots if slot.index != item.key]
        elif EARLIER in rest:
            keys = [slot.index for slot in layout.slots if slot.index < int(item.key)]
        elif rest[0].startswith(GROUP):
            group = rest[0].partition(":")[2] or item.key
            keys = [slot.index for slot in layout.slots if group in (slot.level1.id, slot.level2.id)]
        elif rest[0] == EVERY:
            keys = list(layout.form.fund_rows)
        else:
            keys = [row.id for row in layout.form.fund_rows.values() if row.part]
        last = item.key if rest[-1] == KEY else rest[-1]
        return tuple((head, key, last) for key in keys)


#: The marks of several cells.
_MANY = (PARTS, ALL, GROUP, OTHERS, EARLIER, EVERY, REASONS)


def explanation_fields(form: Form) -> list[Place]:
    """Where the units write reasons on a form, but for the rows of its indicators."""
    found: list[Place] = [tuple(name.split(".")) for name in _REASON_FIELDS if name in form.fields]
    return [*found, *([("funds", "total", _REASON_COLUMN)] if _REASON_COLUMN in form.fund_columns else [])]


def explanation_places(layout: Layout) -> tuple[Place, ...]:
    """All cells in which the units write reasons."""
    rows = [slot.index for slot in layout.slots] if _REASON_COLUMN in layout.form.columns else []
    return (*(("indicators", row, _REASON_COLUMN) for row in rows), *explanation_fields(layout.form))


def bind(form: Form, each: str, name: str) -> Binding | None:
    """What ``name`` means in an expression about ``each``; None when nothing."""
    known = form.bindings
    key = each, name
    if key not in known:
        if len(known) >= _MOST_BINDINGS:
            known.clear()
        known[key] = _bound(form, each, name)
    return known[key]


#: So many names are remembered for a form; its rules and formulas have fewer.
_MOST_BINDINGS = 4096


def _bound(form: Form, each: str, name: str) -> Binding | None:  # noqa: C901, PLR0911  # a line for each kind of name
    parts = name.split(".")
    if name in form.fields:
        return Binding(form.fields[name], tuple(parts))
    rows, funds, columns = form.fund_rows, form.fund_columns, form.columns
    if parts[-1] == "rate_base":  # what the execution rate is a share of: each form says which column
        parts[-1] = form.rate_base
    has_parts = any(row.part for row in rows.values())
    match parts:
        case ["reasons"]:
            return Binding(columns["level3"], (REASONS, ALL, _REASON_COLUMN))
        case ["funds", "every", column] if column in funds:
            return Binding(funds[column], ("funds", EVERY, column))
        case ["funds", "parts", _] | ["parts"] if not has_parts:
            return None
        case ["funds", row, column] if column in funds and (row in rows or row == "parts"):
            return Binding(funds[column], ("funds", PARTS if row == "parts" else row, column))
        case ["indicators", column] if column in columns:
            return Binding(columns[column], ("indicators", ALL, column))
        case ["others" | "earlier" as rows_meant, column] if each == "indicators" and column in columns:
            return Binding(columns[column], ("indicators", OTHERS if rows_meant == "others" else EARLIER, column))
        case ["level1", key, column] if column in columns and any(key == level1.id for level1 in form.level1):
            return Binding(columns[column], ("indicators", f"{GROUP}:{key}", column))
        case ["group", column] if each in ("level1", "level2") and column in columns:
            return Binding(columns[column], ("indicators", GROUP, column))
        case ["total" | "parts" as row] if each == "funds.columns":
            money = next(field for field in funds.values() if field.kind.type is Type.NUMBER)
            return Binding(money, ("funds", PARTS if row == "parts" else row, KEY))
        case [column] if each == "funds.rows" and column in funds:
            return Binding(funds[column], ("funds", KEY, column))
        case [column] if each == "indicators" and column in columns:
            return Binding(columns[column], ("indicators", KEY, column))
    return None


class FormScope:
    """The scope of an expression: cells of the form, parameters, ``let`` names, and ``value``.

    Args:
        form: the form.
        each: what the expression is about.
        params: parameters of the rule, over those of the form.
        value: the name that ``value`` stands for.
        definitions: further names, each with its expression.
    """

    def __init__(
        self,
        form: Form,
        each: str,
        params: Mapping[str, Decimal | str | tuple[str, ...]] | None = None,
        value: str = "",
        definitions: Mapping[str, str] | None = None,
    ) -> None:
        self.form = form
        self.each = each
        self.params = {**form.params, "money_decimals": Decimal(form.money_decimals), **(params or {})}
        self.value = value
        self.definitions = definitions or {}

    def resolve(self, name: str) -> Node | None:
        """The node a name stands for."""
        if name == "value":
            return self.resolve(self.value)
        if name in self.definitions:
            inner = {key: text for key, text in self.definitions.items() if key != name}  # a let cannot mean itself
            return parse(self.definitions[name], type(self)(self.form, self.each, self.params, self.value, inner))
        if name in self.params:
            return _constant(self.params[name])
        meant = bind(self.form, self.each, name)
        if meant is None and name == _FUND_POINTS and "execution_weight" in self.params:
            return _constant(self.params["execution_weight"])  # said of the form, which has no cell for it
        if meant is None:
            return None
        if meant.many:
            return tree.CellRange(name, meant.label(self.form))
        return tree.Cell(name, meant.field.kind.type, meant.label(self.form))

    def formula(self, name: str) -> Node | None:
        """The formula of the computed cell of that name."""
        name = self.value if name == "value" else name
        return self.form.formulas.get(tuple(name.split(".")))


def _constant(value: Decimal | str | tuple[str, ...]) -> Node:
    if isinstance(value, Decimal):
        return tree.Number(value)
    return tree.Words(value) if isinstance(value, tuple) else tree.Text(value)
