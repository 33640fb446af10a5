"""Parse the references of defined names."""

from __future__ import annotations

import re

from xltool.support.memo import memo
from xltool.workbook.box import Box
from xltool.workbook.letters import column_number

_REFERENCE = re.compile(r"^'?([^'!]+)'?!\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?$")


@memo(2_000, 100)
def parse_reference(reference: str) -> Box | None:
    """Parse ``'自评表'!$C$3:$I$3``. None for anything but a range of one sheet, such as ``#REF!``."""
    match = _REFERENCE.match(reference.lstrip("="))
    if match is None:
        return None
    sheet, left, top, right, bottom = match.groups()
    return Box(sheet, int(top), column_number(left), int(bottom or top), column_number(right or left))
