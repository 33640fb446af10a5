"""Selects the fields that a rule is about by their properties, so that a new field has its rules by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from xltool.form.blocks import Matrix, Table
from xltool.form.check_targets import FORM, ROWS
from xltool.form.field import Field
from xltool.form.layout import Layout
from xltool.form.places import FixedRowCell, SingleCell
from xltool.result.roles import ROLE_NAMES
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
        return self.each != FORM

    @property
    def subject(self) -> str:
        """What a rule about the field is applied to: the ``form``, or each row of a ``matrix`` or a ``table``."""
        return FORM if not self.is_column else "matrix" if self.each.endswith(ROWS) else "table"


@dataclass(frozen=True)
class Selector:
    """Properties of fields; those that are stated must all hold.

    Attributes:
        kinds: the names of kinds.
        blocks: the names of blocks.
        roles: roles of which the field has one.
        each: ``form`` for single cells, ``matrix`` or ``table`` for columns of such; "" for any field.
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
            and self.each in ("", one.subject)
            and (not self.has or bool(getattr(field, self.has)))
            and (self.required is None or field.required is self.required)
            and one.is_computed is self.computed
            and (one.places | one.roles | {one.block}).isdisjoint(self.excluded)
        )

    @property
    def words(self) -> str:
        """The fields that it selects, in words: 「给出选项的栏目」."""
        parts = [tr("其他", "other")] if self.excluded else []
        parts += [tr(*_PROPERTIES[self.has])] if self.has else []
        parts += [tr("必填", "required")] if self.required else []
        parts += [tr("由公式算出", "computed")] if self.computed else []
        parts += ["、".join(tr(*_KINDS[kind]) for kind in self.kinds)] if self.kinds else []
        parts += ["、".join(tr(*ROLE_NAMES[role]) for role in self.roles)] if self.roles else []
        if not parts:
            return tr("这样的栏目", "such field")
        return tr(f"{''.join(parts)}的栏目", f"field ({', '.join(parts)})")


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
    for block in form.blocks:
        yield from (one for field in block.fields for one in _single(layout, SingleCell(field.name), block.id))
        match block:
            case Matrix():
                yield from (one for column in block.columns for one in _column_of_matrix(layout, block, column))
            case Table():
                for column in block.row_columns:
                    path, name = f"{block.key}.{column}", f"{block.id}.{column}"
                    roles = _roles(layout, {path})
                    yield SelectableField(
                        column, block.id, block.columns[column], block.id, frozenset({name}), roles, False
                    )


def _single(layout: Layout, place: SingleCell | FixedRowCell, block: str) -> Iterator[SelectableField]:
    """A single cell, unless its value is printed."""
    is_computed = place in layout.form.computed_cells
    if is_computed or layout.is_requested(place):
        name = layout.form.full_name(place)
        roles = _roles(layout, {place.name})
        yield SelectableField(name, FORM, layout.form.field(place), block, frozenset({name}), roles, is_computed)


def _column_of_matrix(layout: Layout, matrix: Matrix, column: str) -> Iterator[SelectableField]:
    """A column of a matrix: as a column where its rows are filled in, else by its single cells."""
    cells = [rows[column] for rows in layout.form.matrix_cells[matrix.key].values()]
    requested = [cell for cell in cells if layout.is_requested(cell)]
    if len(requested) == len(cells) or any(matrix.rows[cell.row].part for cell in requested):
        names = frozenset(map(layout.form.full_name, cells))
        roles = _roles(layout, {cell.name for cell in cells})
        each = matrix.id + ROWS
        yield SelectableField(column, each, matrix.columns[column], matrix.id, names, roles, False)
        requested = []
    for cell in cells:
        if cell in requested or cell in layout.form.computed_cells:
            yield from _single(layout, cell, matrix.id)


def _roles(layout: Layout, paths: Iterable[str]) -> frozenset[str]:
    """The roles of cells or columns with these keys in the record."""
    keys = set(paths)
    return frozenset(role for role, named in layout.form.roles.paths.items() if not keys.isdisjoint(named))
