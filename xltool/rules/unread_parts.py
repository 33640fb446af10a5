"""What of a form could not be read in full: questions that depend on it have no answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from xltool.form.binding import ALL, GROUP, PARTS, REASONS, Binding, bind
from xltool.form.blocks import EACH_INDICATOR, FUNDS, INDICATORS
from xltool.form.definition import Form
from xltool.form.layout import Layout
from xltool.form.places import Place
from xltool.language import tree
from xltool.rules.catalogue import Catalogue
from xltool.rules.rule import CheckInstance
from xltool.support.templates import keep

#: Besides the sums over a whole table, by its block, those over one first level may lack a part.
LEVEL1 = "level1"


@dataclass(frozen=True)
class UnreadParts:
    """What was not read in full.

    Attributes:
        sums: the sums that may lack a part: FUNDS, INDICATORS, LEVEL1.
        columns: block and column of heads that were not found.
        places: cells that are covered by a merged one above them, which speaks for them too.
        spans: cells that speak for several rows, with how many those are.
    """

    sums: frozenset[str] = frozenset()
    columns: frozenset[tuple[str, str]] = frozenset()
    places: frozenset[Place] = frozenset()
    spans: Mapping[Place, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.sums or self.columns or self.places or self.spans)

    def covers(self, catalogue: Catalogue, question: CheckInstance, layout: Layout) -> bool:
        """Whether the answer to a question depends on it."""
        asked = list(bindings(catalogue, question))
        if any(self._in_doubt(one, question, layout) for one in asked):
            return True
        return len(self._rows_spoken_for(asked, question, layout)) > 1

    def _in_doubt(self, meant: Binding, question: CheckInstance, layout: Layout) -> bool:
        block, column = meant.block_and_column
        columns = _typed(layout.form, column) if block == layout.form.indicator_table else {column}
        if any((block, one) in self.columns for one in columns):
            return True
        if meant.many:
            return not self.sums.isdisjoint(_sums(meant))
        return not self.places.isdisjoint(meant.places(question.item, layout))

    def _rows_spoken_for(self, asked: list[Binding], question: CheckInstance, layout: Layout) -> set[int]:
        """For how many rows the cells speak that a question about one row compares: a sum is no measure of one part."""
        if not self.spans or question.item.each != EACH_INDICATOR:
            return set()
        table, row = layout.form.indicator_table, int(question.item.key)
        names = {one.column for one in asked if not one.many and one.block == table}
        columns = frozenset[str]().union(*(_typed(layout.form, name) for name in names)) - {"level3"}
        return {self.spans.get(layout.form.indicator_cell(row, name), 1) for name in columns}


@keep
def _typed(form: Form, column: str) -> frozenset[str]:
    """The columns in which people type what is computed in a column beside the table; of any other, itself."""
    if not form.columns[column].helper:
        return frozenset({column})
    node = form.flags.get(column)
    names = {name for name in tree.cell_names(node) if name in form.columns} if node is not None else set()
    return frozenset[str]().union(*(_typed(form, name) for name in names))


def _sums(meant: Binding) -> set[str]:
    """The sums of which cells that are meant together are the parts."""
    if meant.rows == PARTS:
        return {FUNDS}
    if meant.rows in (ALL, REASONS):
        return {INDICATORS}
    return {INDICATORS, LEVEL1} if meant.rows.startswith(GROUP) else set()


def bindings(catalogue: Catalogue, question: CheckInstance) -> Iterator[Binding]:
    """The cells that a question asks for, and the one that it finds at fault."""
    trees = catalogue.expressions.trees(question.check, question.item)
    names = {name for node in trees if node is not None for name in tree.cell_names(node)}
    for name in (*sorted(names), question.check.at):
        if name and (meant := bind(catalogue.form, question.item.each, name)) is not None:
            yield meant
