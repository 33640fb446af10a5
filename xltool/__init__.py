"""xltool: 财政项目支出绩效自评表的模板、读取与检查。

The functions of ``xltool.api`` stand here, and the version.
"""

from __future__ import annotations

from xltool.api import Record, Result, check, fill, ingest, load_form, read, write_template
from xltool.support.errors import WrongUse
from xltool.support.templates import Templates

__version__ = "0.3.2"

__all__ = [
    "Record", "Result", "Templates", "WrongUse", "check", "fill", "ingest", "load_form", "read", "write_template",
]  # fmt: skip
