"""The parts of a form that could not be read completely; check instances that depend on them have no answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from xltool.form.binding import ALL, GROUP, OWN_PARTS, PARTS, REASONS, Binding, bind, helper_formulas
from xltool.form.definition import Form
from xltool.form.layout import Layout
from xltool.form.places import Place
from xltool.language import tree
from xltool.result.roles import INDICATOR
from xltool.rules.catalogue import Catalogue
from xltool.rules.rule import CheckInstance
from xltool.support.templates import keep

#: Names the sums over one first level; those over a whole table are named by its block.
LEVEL1 = "level1"

#: Names the sums over all indicator rows of an issued form, in which reasons stand where they stood: of these nothing
#: is missing, while in a form that is read by its labels a whole column may be.
ROWS = "rows"


@dataclass(frozen=True)
class UnreadParts:
    """What was not read completely.

    Attributes:
        incomplete_sums: the sums that may lack a summand: names of tables, LEVEL1, ROWS.
        columns: block and column of heads that were not found.
        places: cells covered by a merged cell above them, whose value counts for them as well.
        spans: cells whose value counts for several rows, with the number of rows.
        suspects: cells whose value is in doubt; the reader says why, and what else is wrong there follows from it.
    """

    incomplete_sums: frozenset[str] = frozenset()
    columns: frozenset[tuple[str, str]] = frozenset()
    places: frozenset[Place] = frozenset()
    spans: Mapping[Place, int] = field(default_factory=dict)
    suspects: frozenset[Place] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.incomplete_sums or self.columns or self.places or self.spans or self.suspects)

    def with_incomplete_sums(self, sums: frozenset[str]) -> UnreadParts:
        """The same, with further sums that may lack a summand."""
        return replace(self, incomplete_sums=self.incomplete_sums | sums) if sums else self

    def covers(self, catalogue: Catalogue, instance: CheckInstance, layout: Layout) -> bool:
        """Whether the verdict of a check instance depends on an unread part."""
        needed = list(bindings(catalogue, instance))
        if any(self._in_doubt(binding, instance, layout) for binding in needed):
            return True
        return len(self._row_spans(needed, instance, layout)) > 1

    def _in_doubt(self, binding: Binding, instance: CheckInstance, layout: Layout) -> bool:
        """Whether the cells of a binding were not all read."""
        block, column = binding.block_and_column
        columns = _input_columns(layout.form, column) if block == layout.form.indicator_table else {column}
        if any((block, name) in self.columns for name in columns):
            return True
        if binding.has_many_cells:
            return not self.incomplete_sums.isdisjoint(_sums(binding, layout.form))
        return not self.places.isdisjoint(binding.places(instance.item, layout))

    def _row_spans(self, needed: list[Binding], instance: CheckInstance, layout: Layout) -> set[int]:
        """The numbers of rows for which the cells count that a check instance about one row compares.

        If they differ, a sum would be compared with one of its parts.
        """
        if not self.spans or instance.item.each != layout.form.each_indicator:
            return set()
        table, row = layout.form.indicator_table, int(instance.item.key)
        names = {binding.column for binding in needed if not binding.has_many_cells and binding.block == table}
        columns = frozenset[str]().union(*(_input_columns(layout.form, name) for name in names)) - {
            layout.form.column(INDICATOR)
        }
        return {self.spans.get(layout.form.indicator_cell(row, name), 1) for name in columns}


@keep
def _input_columns(form: Form, column: str) -> frozenset[str]:
    """The input columns from which a column beside the table is computed; any other column by itself."""
    if not form.columns[column].helper:
        return frozenset({column})
    node = helper_formulas(form).get(column)
    names = {name for name in tree.cell_names(node) if name in form.columns} if node is not None else set()
    return frozenset[str]().union(*(_input_columns(form, name) for name in names))


def _sums(binding: Binding, form: Form) -> set[str]:
    """The sums that add up the cells of a binding."""
    if binding.rows in (PARTS, OWN_PARTS):
        return {binding.block}
    if binding.rows == REASONS:
        return {form.indicator_table}
    if binding.rows == ALL:
        return {form.indicator_table, ROWS}
    return {form.indicator_table, LEVEL1} if binding.rows.startswith(GROUP) else set()


def bindings(catalogue: Catalogue, instance: CheckInstance) -> Iterator[Binding]:
    """The bindings of all cells that a check instance reads, and of the cell at fault."""
    trees = catalogue.expressions.trees(instance.check, instance.item)
    names = {name for node in trees if node is not None for name in tree.cell_names(node)}
    for name in (*sorted(names), instance.check.at):
        if name and (binding := bind(catalogue.form, instance.item.each, name)) is not None:
            yield binding
