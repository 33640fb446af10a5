"""Forms that print the project code before the project name in one cell, with a hyphen between."""

from __future__ import annotations

import re
from collections.abc import Callable

from xltool.form.definition import Form
from xltool.form.places import Place, SingleCell
from xltool.language.functions import Value

#: A project code of the budget platform: division, year, class and number, 15 to 24 characters, mostly digits.
_CODE = r"(?=(?:[A-Z]*[0-9]){12})[0-9A-Z]{15,24}"


def join_code(form: Form, place: Place, at: Callable[[Place], Value]) -> Value:
    """The content of a cell: its value, after the project code if the form prints one there."""
    value, before = at(place), form.field(place).prefix
    code = at(SingleCell(before)) if before else None
    if isinstance(value, str) and isinstance(code, str) and re.fullmatch(_CODE, code):
        return f"{code}-{value}"
    return value


def split_code(text: str) -> tuple[str | None, str]:
    """Split ``51000021R000000019951-工资性支出`` into code and name; the code is None if there is none."""
    match = re.match(rf"({_CODE})\s*[-－—–]\s*(?=\S)", text)
    return (match[1], text[match.end() :]) if match else (None, text)
