"""The text of a stamp: form, version and row capacities. Written by ``write/stamp``, read by ``read/identify``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from xltool.form.layout import Layout

CELL, PROPERTY, NAME = "A1", "xltool", "xl_stamp"

_TEXT = re.compile(r"xltool/1 ([a-z0-9-]+)/([0-9]{1,9}) ([a-z0-9_]+=[0-9]{1,3}(?:,[a-z0-9_]+=[0-9]{1,3})*)")


def text(layout: Layout) -> str:
    """``xltool/1 mof-2020/1 quantity=6,quality=4,…``."""
    rows = ",".join(f"{key}={number}" for key, number in layout.capacities.items())
    return f"xltool/1 {layout.form.reference} {rows}"


def parsed(stamp: str) -> tuple[str, str, Mapping[str, int]] | None:
    """Form id, version and capacities; None for a text that is no stamp."""
    match = _TEXT.fullmatch(stamp.strip())
    if match is None:
        return None
    pairs = (pair.split("=") for pair in match[3].split(","))
    return match[1], match[2], {key: int(number) for key, number in pairs}
