"""Parse days as people write them."""

from __future__ import annotations

import datetime
import re
import unicodedata

_DAY = re.compile(
    r"(?P<y>\d{4})(?:(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})|年(?P<m2>\d{1,2})月(?P<d2>\d{1,2})日|"
    r"(?P<m3>\d{2})(?P<d3>\d{2}))(?:0?0:00(?::00)?)?",  # the midnight of a date that shows its time
    re.ASCII,
)

#: The groups of ``_DAY`` for year, month and day.
_PARTS = (("y",), ("m", "m2", "m3"), ("d", "d2", "d3"))


def parse_day(text: str) -> datetime.date | None:
    """Parse ``2025-03-31``, ``2025/3/31``, ``2025.3.31``, ``2025年3月31日`` or ``20250331``, half or full width.

    Returns:
        None for any other text, and for a day that does not exist.
    """
    match = _DAY.fullmatch("".join(unicodedata.normalize("NFKC", text).split()))
    if match is None:
        return None
    year, month, number = (next(match[key] for key in keys if match[key]) for keys in _PARTS)
    try:
        return datetime.date(int(year), int(month), int(number))
    except ValueError:
        return None
