"""What a worksheet's part says around its cells: merges, validations, formats, protection, hidden columns."""

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

#: What a protected sheet may allow; in the file an attribute says what is forbidden.
_RIGHTS = ("formatCells", "formatColumns", "formatRows", "insertColumns", "insertRows", "insertHyperlinks",
           "deleteColumns", "deleteRows", "sort", "autoFilter", "pivotTables", "objects", "scenarios",
           "selectLockedCells", "selectUnlockedCells")  # fmt: skip

#: Those that are allowed unless the file forbids them.
_FREE = frozenset({"objects", "scenarios", "selectLockedCells", "selectUnlockedCells"})


#: So many merged ranges that are none are named.
_MOST_ODDITIES = 5


@dataclass
class _Rule:
    """A validation or conditional format whose end has not come yet."""

    attributes: Attributes
    extended: bool
    formulas: list[str] = field(default_factory=list)


class SheetMetadata:
    """Collects what stands around the cells.

    Args:
        part: the sheet's part.
        title: the sheet's, for its boxes.
        limits: see there.

    Attributes:
        starts, ends: for ``Part.on``.
        zeros_hidden: whether cells whose number is 0 look blank.
        oddities: merged ranges that are none, as written.
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
        if box is None:  # no program shows it, or repairs the file by leaving it out
            self.oddities += [attributes.get("ref", "")[:40]] if len(self.oddities) < _MOST_ODDITIES else []
            return
        self._merged += (box.bottom - box.top + 1) * (box.right - box.left + 1)
        if self._merged > self._limits.merged_cells:
            raise Unreadable("many_merges", self._title)
        self._counted(self.merges)
        self.merges.append(box)

    def _counted(self, found: list[object] | list[Box] | list[Validation] | list[ConditionalFormat]) -> None:
        if len(found) >= self._limits.merges:
            raise Unreadable("many_merges", self._title)

    def _protect(self, attributes: Attributes) -> None:
        if bool_of(attributes.get("sheet")):
            locked = any(attributes.get(one) for one in ("password", "hashValue"))
            free = (one for one in _RIGHTS if not bool_of(attributes.get(one), one not in _FREE))
            self.protection = Protection(locked, frozenset(free))

    def _filter(self, _: Attributes) -> None:
        self.filtered = True

    def _begin(self, attributes: Attributes, extended: bool = False) -> None:
        self._rule = _Rule(attributes, extended)

    def _begin_extended(self, attributes: Attributes) -> None:
        self._begin(attributes, extended=True)
        self._boxes = () if "sqref" not in attributes else self._ranges(attributes["sqref"])

    def _formula(self) -> None:
        text = self._part.end_text()
        if self._rule is not None:
            self._rule.formulas.append(text.strip().removeprefix("="))

    def _ranges(self, text: str) -> tuple[Box, ...]:
        return references.parse_boxes(self._title, text, self._limits) or ()

    def _extended_boxes(self) -> None:
        self._boxes = self._ranges(self._part.end_text())

    def _format_boxes(self, attributes: Attributes) -> None:
        self._boxes = self._ranges(attributes.get("sqref", ""))

    def _end_rule(self) -> None:
        if self._rule is not None:
            self._rules.append(self._rule)
            self._rule = None

    def _end_formats(self) -> None:
        for one in self._rules:
            self._counted(self.formats)
            kind, operator = one.attributes.get("type", ""), one.attributes.get("operator", "")
            priority = whole_number(one.attributes.get("priority")) or 0
            formulas = tuple(one.formulas)
            self.formats.append(ConditionalFormat(self._boxes, kind, operator, formulas, priority, one.extended))
        self._rules = []

    def _end_validation(self) -> None:
        one, self._rule = self._rule, None
        if one is None:
            return
        self._counted(self.validations)
        has = one.attributes
        kind = has.get("type", "none")
        compares = kind not in ("none", "list", "custom")
        self.validations.append(
            Validation(
                boxes=self._boxes if one.extended else self._ranges(has.get("sqref", "")),
                kind=kind,
                operator=has.get("operator", "between") if compares else "",
                formulas=tuple(formula for formula in one.formulas if formula),
                blank_allowed=bool_of(has.get("allowBlank")),
                stops=bool_of(has.get("showErrorMessage")) and has.get("errorStyle", "stop") == "stop",
                extended=one.extended,
            )
        )
