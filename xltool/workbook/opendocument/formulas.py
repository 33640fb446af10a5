"""Formulas of OpenDocument in Excel's syntax."""

from __future__ import annotations

import re

#: A reference in a formula: [.A1], [.A1:.B2], [$'a sheet'.$A$1]; quoted texts are not changed.
_SHEET = r"\$?(?:'(?:[^']|'')*'|[^'.:]*)"


_REFERENCE = re.compile(rf"({_SHEET})\.([^.:]*)(?::(?:{_SHEET})?\.?([^.:]*))?")


_TOKENS = re.compile(r'"(?:[^"]|"")*"|\[((?:\'(?:[^\']|\'\')*\'|[^\[\]\'])*)\]|;')


def excel_formula(formula: str) -> str:
    """Translate an OpenFormula: ``of:=SUM([.A1:.B2];[$'一'.$C$1])`` becomes ``SUM(A1:B2,'一'!$C$1)``."""
    body = re.sub(r"^(?:[a-z]+:)?=", "", formula)

    def token(match: re.Match[str]) -> str:
        if match[1] is None:
            return "," if match[0] == ";" else match[0]
        return _excel_reference(match[1])

    return _TOKENS.sub(token, body)


def _excel_reference(text: str) -> str:
    """Translate a reference: ``$'一'.$C$1:.D2`` becomes ``'一'!$C$1:D2``."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return "#REF!"
    sheet, first, last = match.groups()
    cells = first if last is None else f"{first}:{last}"
    return f"{sheet.removeprefix('$')}!{cells}" if sheet else cells
