"""Selects the fields that a rule is about by their properties, so that a new field has its rules by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from xltool.form.definition import Field
from xltool.form.layout import Layout
from xltool.form.places import FixedRowCell, Place, SingleCell
from xltool.support.i18n import tr

#: What a field may have, with the words for it.
_PROPERTIES = {"limit": ("有字数上限", "with a limit of length"), "choices": ("给出选项", "with choices")}

#: The words for kinds of fields.
_KINDS = {
    "year": ("年度", "year"), "text": ("文字", "text"), "choice": ("选项", "choice"), "level": ("层级", "level"),
    "money": ("金额", "money"), "points": ("分数", "points"), "ratio": ("比率", "ratio"), "flag": ("标记", "flag"),
}  # fmt: skip


@dataclass(frozen=True)
class SelectableField:
    """A field as a rule may be about it.

    Attributes:
        name: its name in an expression about ``each``.
        each: ``form`` for a single cell; for a column, what the rule is then applied to: each row.
        field: its definition.
        block: the block it is in.
        places: the names of the cells it consists of; a column of a table with variable rows has one name.
        roles: the roles of those.
        is_computed: whether its value comes from a formula; it is filled in otherwise.
    """

    name: str
    each: str
    field: Field
    block: str
    places: frozenset[str]
    roles: frozenset[str]
    is_computed: bool

    @property
    def is_column(self) -> bool:
        """Whether it is a column, whose cells people fill in row by row."""
        return self.each != "form"


@dataclass(frozen=True)
class Selector:
    """Properties of fields; those that are stated must all hold.

    Attributes:
        kinds: the names of kinds.
        blocks: the names of blocks.
        roles: roles of which the field has one.
        each: what a rule about the field is applied to; "" for any.
        has: ``limit`` or ``choices``; "" for any field.
        required: whether the field may not be blank; None for any field.
        computed: whether its value comes from a formula.
        excluded: roles, blocks and names of fields that are not meant.
    """

    kinds: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    each: str = ""
    has: str = ""
    required: bool | None = None
    computed: bool = False
    excluded: tuple[str, ...] = ()

    def selects(self, one: SelectableField) -> bool:
        """Whether a field has the properties."""
        field = one.field
        return (
            (not self.kinds or field.kind.name in self.kinds)
            and (not self.blocks or one.block in self.blocks)
            and (not self.roles or not one.roles.isdisjoint(self.roles))
            and self.each in ("", one.each)
            and (not self.has or bool(getattr(field, self.has)))
            and (self.required is None or field.required is self.required)
            and one.is_computed is self.computed
            and (one.places | one.roles | {one.block}).isdisjoint(self.excluded)
        )

    @property
    def words(self) -> str:
        """The fields that it selects, in words: 「给出选项的栏目」."""
        parts = [tr(*_PROPERTIES[self.has])] if self.has else []
        parts += [tr("必填", "required")] if self.required else []
        parts += [tr("由公式算出", "computed")] if self.computed else []
        parts += ["、".join(tr(*_KINDS[kind]) for kind in self.kinds)] if self.kinds else []
        if not parts:
            return tr("这样的栏目", "such field")
        return tr(f"{'、'.join(parts)}的栏目", f"field ({', '.join(parts)})")


def parse_selectors(table: Mapping[str, Any] | list[Mapping[str, Any]] | None) -> tuple[Selector, ...]:
    """The selectors of a rule or a case: one table, or a list of tables of which one has to fit."""
    tables = [table] if isinstance(table, Mapping) else table or []
    return tuple(
        Selector(
            kinds=_texts(one.get("kind")),
            blocks=_texts(one.get("in")),
            roles=_texts(one.get("role")),
            each=one.get("each", ""),
            has=one.get("has", ""),
            required=one.get("required"),
            computed=one.get("computed", False),
            excluded=_texts(one.get("except")),
        )
        for one in tables
    )


def _texts(value: str | list[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def selectable_fields(layout: Layout) -> Iterator[SelectableField]:
    """The fields that people fill in or formulas compute, block by block as they are printed."""
    form = layout.form
    sections = dict.fromkeys((*form.blocks, *(field.section for field in form.fields.values())))
    for block in sections:
        cells = (SingleCell(field.name) for field in form.section(block))
        yield from (one for cell in cells for one in _single(layout, cell, block))
        if block == form.fund_table:
            yield from (one for column in form.fund_columns for one in _column_of_fixed_rows(layout, column))
        if block == form.indicator_table:
            for column in form.row_columns:
                path = f"{block}.{column}"
                yield SelectableField(
                    column, block, form.columns[column], block, frozenset({path}), _roles(layout, {path}), False
                )


def _single(layout: Layout, place: Place, block: str) -> Iterator[SelectableField]:
    """A single cell, unless its value is printed."""
    is_computed = place in layout.form.computed_cells
    if is_computed or layout.is_requested(place):
        names = frozenset({place.name})
        field = layout.form.field(place)
        yield SelectableField(place.name, "form", field, block, names, _roles(layout, names), is_computed)


def _column_of_fixed_rows(layout: Layout, column: str) -> Iterator[SelectableField]:
    """A column of the table with fixed rows: as a column where its rows are filled in, else by its single cells."""
    form = layout.form
    cells = [FixedRowCell(form.fund_table, row, column) for row in form.fund_rows]
    requested = [cell for cell in cells if layout.is_requested(cell)]
    if len(requested) == len(cells) or any(form.fund_rows[cell.row].part for cell in requested):
        names = frozenset(cell.name for cell in cells)
        each = f"{form.fund_table}.rows"
        yield SelectableField(
            column, each, form.fund_columns[column], form.fund_table, names, _roles(layout, names), False
        )
        requested = []
    for cell in cells:
        if cell in requested or cell in form.computed_cells:
            yield from _single(layout, cell, form.fund_table)


def _roles(layout: Layout, names: Iterable[str]) -> frozenset[str]:
    """The roles of cells or columns with these names."""
    paths = set(names)
    return frozenset(role for role, named in layout.form.roles.paths.items() if not paths.isdisjoint(named))
