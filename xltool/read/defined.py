"""Where a defined name leads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from xltool.form.layout import Box
from xltool.form.letters import column_number

_REFERENCE = re.compile(r"^'?([^'!]+)'?!\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?$")


#: How the names of our fields begin.
OURS = "xl_"


def sheets_of_ours(names: Mapping[str, str]) -> frozenset[str]:
    """The sheets to which the names of our fields lead."""
    boxes = (led_to(meaning) for name, meaning in names.items() if name.startswith(OURS))
    return frozenset(box.sheet for box in boxes if box is not None)


@lru_cache(maxsize=5000)
def led_to(reference: str) -> Box | None:
    """``'自评表'!$C$3:$I$3`` as a box; None for what is no range of one sheet, such as ``#REF!``."""
    match = _REFERENCE.match(reference.lstrip("="))
    if match is None:
        return None
    sheet, left, top, right, bottom = match.groups()
    return Box(sheet, int(top), column_number(left), int(bottom or top), column_number(right or left))
