"""Which sheets of a workbook must be read completely; others may be cut short or left unread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xltool.workbook.defined_names import parse_reference


@dataclass(frozen=True)
class WantedSheets:
    """The sheets that must be read completely.

    Attributes:
        titles: sheets that are read to their end, however large they are.
        name_prefix: the prefix of defined names that refer to further wanted sheets; None if there are none. If any
            such name refers to a sheet, all wanted sheets must be readable.
    """

    titles: frozenset[str] = frozenset()
    name_prefix: str | None = None

    def is_wanted_name(self, name: str) -> bool:
        """Whether a defined name refers to a wanted sheet."""
        return self.name_prefix is not None and name.startswith(self.name_prefix)

    def sheets_named(self, names: Mapping[str, str]) -> frozenset[str]:
        """The sheets that such defined names refer to."""
        boxes = (parse_reference(meaning) for name, meaning in names.items() if self.is_wanted_name(name))
        return frozenset(box.sheet for box in boxes if box is not None)


#: For a workbook of which nothing is expected.
NONE_WANTED = WantedSheets()
