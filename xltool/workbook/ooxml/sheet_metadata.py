"""A worksheet's metadata besides its cells: merges, validations, formats, protection, hidden columns."""

from __future__ import annotations

from dataclasses import dataclass, field

from xltool.workbook import references
from xltool.workbook.box import Box
from xltool.workbook.errors import Unreadable
from xltool.workbook.grid import ConditionalFormat, Protection, Validation
from xltool.workbook.limits import Limits
from xltool.workbook.namespaces import EXCEL_2006, MAIN, MAIN_2009
from xltool.workbook.ooxml.styles import bool_of, whole_number
from xltool.workbook.ooxml.xml import Attributes, End, Start, XmlPart

#: The actions that a protected sheet may allow; the attributes of the file forbid them.
_RIGHTS = ("formatCells", "formatColumns", "formatRows", "insertColumns", "insertRows", "insertHyperlinks",
           "deleteColumns", "deleteRows", "sort", "autoFilter", "pivotTables", "objects", "scenarios",
           "selectLockedCells", "selectUnlockedCells")  # fmt: skip

#: The actions that are allowed by default.
_DEFAULT_RIGHTS = frozenset({"objects", "scenarios", "selectLockedCells", "selectUnlockedCells"})


#: The most invalid merged ranges that are reported.
_MOST_ODDITIES = 5


@dataclass
class _Rule:
    """A validation or conditional format that is being parsed."""

    attributes: Attributes
    extended: bool
    formulas: list[str] = field(default_factory=list)


class SheetMetadata:
    """Collects the metadata of a sheet.

    Args:
        part: the sheet's part.
        title: the title of the sheet, for its boxes.
        limits: on the cost of reading.

    Attributes:
        starts, ends: the handlers for ``XmlPart.with_handlers``.
        zeros_hidden: whether cells whose number is 0 look blank.
        oddities: invalid merged ranges, as written.
    """

    def __init__(self, part: XmlPart, title: str, limits: Limits) -> None:
        self._part, self._title, self._limits = part, title, limits
        self.merges: list[Box] = []
        self.validations: list[Validation] = []
        self.formats: list[ConditionalFormat] = []
        self.protection: Protection | None = None
        self.hidden_columns: list[tuple[int, int]] = []
        self.filtered = False
        self.zeros_hidden = False
        self.oddities: list[str] = []
        self._merged = 0
        self._rule: _Rule | None = None
        self._rules: list[_Rule] = []
        self._boxes: tuple[Box, ...] = ()
        self.starts: dict[str, Start] = {
            MAIN + "sheetView": self._view,
            MAIN + "col": self._column,
            MAIN + "mergeCell": self._merge,
            MAIN + "sheetProtection": self._protect,
            MAIN + "autoFilter": self._filter,
            MAIN + "conditionalFormatting": self._format_boxes,
            MAIN_2009 + "conditionalFormatting": self._format_boxes,
        }
        self.ends: dict[str, End] = {
            MAIN + "conditionalFormatting": self._end_formats,
            MAIN_2009 + "conditionalFormatting": self._end_formats,
            MAIN + "cfRule": self._end_rule,
            MAIN_2009 + "cfRule": self._end_rule,
            MAIN + "dataValidation": self._end_validation,
            MAIN_2009 + "dataValidation": self._end_validation,
        }
        for space in (MAIN, MAIN_2009):
            self.starts |= {space + "cfRule": self._begin, space + "dataValidation": self._begin}
        self.starts[MAIN_2009 + "cfRule"] = self.starts[MAIN_2009 + "dataValidation"] = self._begin_extended
        for text in (MAIN + "formula", MAIN + "formula1", MAIN + "formula2", EXCEL_2006 + "f"):
            self.starts[text], self.ends[text] = part.start_text, self._formula
        self.starts[EXCEL_2006 + "sqref"], self.ends[EXCEL_2006 + "sqref"] = part.start_text, self._extended_boxes

    def _view(self, attributes: Attributes) -> None:
        self.zeros_hidden |= not bool_of(attributes.get("showZeros"), True)

    def _column(self, attributes: Attributes) -> None:
        first, last = whole_number(attributes.get("min")), whole_number(attributes.get("max"))
        if bool_of(attributes.get("hidden")) and first and last:
            self.hidden_columns.append((first, min(last, self._limits.columns)))

    def _merge(self, attributes: Attributes) -> None:
        box = references.parse_box(self._title, attributes.get("ref", ""), self._limits)
        if box is None:  # programs ignore it, or drop it when they repair the file
            self.oddities += [attributes.get("ref", "")[:40]] if len(self.oddities) < _MOST_ODDITIES else []
            return
        self._merged += (box.bottom - box.top + 1) * (box.right - box.left + 1)
        if self._merged > self._limits.merged_cells:
            raise Unreadable("many_merges", self._title)
        self._check_count(self.merges)
        self.merges.append(box)

    def _check_count(self, items: list[object] | list[Box] | list[Validation] | list[ConditionalFormat]) -> None:
        if len(items) >= self._limits.merges:
            raise Unreadable("many_merges", self._title)

    def _protect(self, attributes: Attributes) -> None:
        if bool_of(attributes.get("sheet")):
            has_password = any(attributes.get(key) for key in ("password", "hashValue"))
            allowed = (key for key in _RIGHTS if not bool_of(attributes.get(key), key not in _DEFAULT_RIGHTS))
            self.protection = Protection(has_password, frozenset(allowed))

    def _filter(self, _: Attributes) -> None:
        self.filtered = True

    def _begin(self, attributes: Attributes, extended: bool = False) -> None:
        self._rule = _Rule(attributes, extended)

    def _begin_extended(self, attributes: Attributes) -> None:
        self._begin(attributes, extended=True)
        self._boxes = () if "sqref" not in attributes else self._parse_ranges(attributes["sqref"])

    def _formula(self) -> None:
        text = self._part.end_text()
        if self._rule is not None:
            self._rule.formulas.append(text.strip().removeprefix("="))

    def _parse_ranges(self, text: str) -> tuple[Box, ...]:
        return references.parse_boxes(self._title, text, self._limits) or ()

    def _extended_boxes(self) -> None:
        self._boxes = self._parse_ranges(self._part.end_text())

    def _format_boxes(self, attributes: Attributes) -> None:
        self._boxes = self._parse_ranges(attributes.get("sqref", ""))

    def _end_rule(self) -> None:
        if self._rule is not None:
            self._rules.append(self._rule)
            self._rule = None

    def _end_formats(self) -> None:
        for rule in self._rules:
            self._check_count(self.formats)
            kind, operator = rule.attributes.get("type", ""), rule.attributes.get("operator", "")
            priority = whole_number(rule.attributes.get("priority")) or 0
            formulas = tuple(rule.formulas)
            self.formats.append(ConditionalFormat(self._boxes, kind, operator, formulas, priority, rule.extended))
        self._rules = []

    def _end_validation(self) -> None:
        rule, self._rule = self._rule, None
        if rule is None:
            return
        self._check_count(self.validations)
        attributes = rule.attributes
        kind = attributes.get("type", "none")
        compares = kind not in ("none", "list", "custom")
        self.validations.append(
            Validation(
                boxes=self._boxes if rule.extended else self._parse_ranges(attributes.get("sqref", "")),
                kind=kind,
                operator=attributes.get("operator", "between") if compares else "",
                formulas=tuple(formula for formula in rule.formulas if formula),
                blank_allowed=bool_of(attributes.get("allowBlank")),
                stops=bool_of(attributes.get("showErrorMessage")) and attributes.get("errorStyle", "stop") == "stop",
                extended=rule.extended,
            )
        )
