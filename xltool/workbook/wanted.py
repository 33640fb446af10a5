"""Which sheets of a workbook a reader cannot do without: all else may be cut short or left unread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xltool.workbook.defined_names import parse_reference


@dataclass(frozen=True)
class WantedSheets:
    """The sheets that matter.

    Attributes:
        titles: sheets that are read to their end, however large they are.
        name_prefix: how the defined names begin that lead to further ones; None where none does. Where such a name
            leads to a sheet, all wanted sheets must be readable.
    """

    titles: frozenset[str] = frozenset()
    name_prefix: str | None = None

    def is_wanted_name(self, name: str) -> bool:
        """Whether a defined name leads to a sheet that matters."""
        return self.name_prefix is not None and name.startswith(self.name_prefix)

    def sheets_named(self, names: Mapping[str, str]) -> frozenset[str]:
        """The sheets to which defined names lead."""
        boxes = (parse_reference(meaning) for name, meaning in names.items() if self.is_wanted_name(name))
        return frozenset(box.sheet for box in boxes if box is not None)


#: Of a workbook that nobody expects anything of.
NONE_WANTED = WantedSheets()
