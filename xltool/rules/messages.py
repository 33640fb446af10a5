"""Fills the placeholders in the texts of a check instance with values of the form that was checked."""

from __future__ import annotations

from decimal import Decimal

from xltool.form.answers import Answers
from xltool.form.binding import Binding
from xltool.form.kinds import display_text
from xltool.form.places import Place, VariableRowCell
from xltool.language.functions import Value
from xltool.language.texts import clean
from xltool.rules.catalogue import Catalogue
from xltool.rules.rule import CheckInstance
from xltool.rules.texts import format_value
from xltool.support import i18n


class MessageRenderer:
    """Fills the placeholders of a check instance's texts."""

    def __init__(self, catalogue: Catalogue, instance: CheckInstance, answers: Answers) -> None:
        self.instance = instance
        self.answers = answers
        self.catalogue = catalogue

    def __call__(self, name: str, how: str) -> str:
        """The text for a placeholder.

        Args:
            name: ``label``, a cell, a parameter or an expression of ``let``; "" for the cell at fault.
            how: the format, for example ``percent``; "" for the usual one.
        """
        form = self.answers.layout.form
        place = self.instance.at
        if name == "label":
            return self.label
        if not name:
            return self._cell(place)
        source = self.catalogue.expressions.message_source(self.instance.check, self.instance.item, name)
        if isinstance(source, Binding):
            return self._cell(source.places(self.instance.item, self.answers.layout)[0])
        value = source(self.answers.view(self.instance.item))
        if value is None:
            return i18n.tr("（无法计算）", "(no value)")
        if how == "cell" and isinstance(value, Decimal):
            return display_text(value, form.field(place).kind)
        return format_value(value, how)

    @property
    def label(self) -> str:
        """The label of the place at fault, for a sentence about its row."""
        item = self.instance.item
        if item.is_level or item.is_column:
            return item.label
        return self.answers.layout.form.label(self.instance.at)

    @property
    def name(self) -> str:
        """The text that distinguishes the place from others with the same fault: the name of its row or field."""
        item = self.instance.item
        if not item.is_row:
            return self.label
        name = clean(str(self._row_name or ""))
        return f"“{name}”" if name else item.label

    @property
    def full_label(self) -> str:
        """The label with its row: 「数量指标“培训人次” 得分」."""
        item = self.instance.item
        if item.is_column:
            return self.answers.layout.form.label(self.instance.at)
        if not item.is_row or not self.instance.in_row:
            return self.label
        name = self._row_name
        return f"{item.label}{f'“{clean(str(name))}”' if name else ''} {self.label}"

    @property
    def _row_name(self) -> Value:
        """What names the row of the check instance: the indicator, or the first column of another table."""
        form, item = self.answers.layout.form, self.instance.item
        table = form.tables[form.block_of[item.each].key]
        column = form.name_column if item.each == form.each_indicator else next(iter(table.row_columns), "")
        return self.answers.at(VariableRowCell(table.key, int(item.key), column)) if column else None

    def _cell(self, place: Place) -> str:
        """The value of a place as displayed."""
        value: Value = self.answers.at(place)
        return display_text(value, self.answers.layout.form.field(place).kind) or i18n.tr("空白", "blank")
