"""JSON of records and results for programs: numbers stay exact, keys keep their order."""

from __future__ import annotations

from xltool.support.json_codec import dump_lines as lines
from xltool.support.json_codec import dumps, loads

__all__ = ["dumps", "lines", "loads"]
