"""Two values in one cell: forms that print the project's code before its name, with a hyphen between."""

from __future__ import annotations

import re
from collections.abc import Callable

from xltool.form.definition import Form
from xltool.form.places import Place, SingleCell
from xltool.language.functions import Value

#: A project code of the budget platform: division, year, class and number, 15 to 24 characters, mostly digits.
_CODE = r"(?=(?:[A-Z]*[0-9]){12})[0-9A-Z]{15,24}"


def join_code(form: Form, place: Place, at: Callable[[Place], Value]) -> Value:
    """What a cell shows: its own value, after the code that its form prints there, if that is a code."""
    value, before = at(place), form.field(place).prefix
    code = at(SingleCell(before)) if before else None
    if isinstance(value, str) and isinstance(code, str) and re.fullmatch(_CODE, code):
        return f"{code}-{value}"
    return value


def split_code(text: str) -> tuple[str | None, str]:
    """Code and name in ``51000021R000000019951-工资性支出``; no code where the text begins otherwise."""
    found = re.match(rf"({_CODE})\s*[-－—–]\s*(?=\S)", text)
    return (found[1], text[found.end() :]) if found else (None, text)
