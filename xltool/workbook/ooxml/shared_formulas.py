"""Shared formulas: the file stores their text once, and every other cell has it with shifted references."""

from __future__ import annotations

import re

from xltool.workbook.letters import column_letters, column_number

_ROWS, _COLUMNS = 1_048_576, 16_384

# Texts, quoted sheet names and table references are not changed. Names such as LOG10 or A1B are not references, nor
# are sheet names such as Q1 in Q1!B2.
_TOKENS = re.compile(
    r"""(?P<aside>"(?:[^"]|"")*"|'(?:[^']|'')*'|\[[^\[\]]*\])
    |(?<![\w.$\]])(?P<columns>\$?[A-Z]{1,3}:\$?[A-Z]{1,3})(?![\w.(!])
    |(?<![\w.$\]])(?P<rows>\$?[0-9]{1,7}:\$?[0-9]{1,7})(?![\w.(!])
    |(?<![\w.$\]])(?P<cell>\$?[A-Z]{1,3}\$?[0-9]{1,7})(?![\w.(!])""",
    re.VERBOSE,
)
_REFERENCE = re.compile(r"(\$?)([A-Z]{0,3})(\$?)([0-9]{0,7})")


def shift_formula(formula: str, down: int, right: int) -> str:
    """Shift the relative references of a formula by rows and columns; those off the sheet become #REF!."""

    def token(match: re.Match[str]) -> str:
        if match["aside"]:
            return match[0]
        ends = [_shift_reference(end, down, right) for end in match[0].split(":")]
        return "#REF!" if None in ends else ":".join(end for end in ends if end is not None)

    return _TOKENS.sub(token, formula)


def _shift_reference(reference: str, down: int, right: int) -> str | None:
    """Shift ``$B7``, ``B`` or ``7``, except for coordinates fixed by a dollar; None if it leaves the sheet."""
    match = _REFERENCE.fullmatch(reference)
    assert match is not None, reference  # tokens consist of references
    first, letters, second, digits = match.groups()
    if letters:
        column = column_number(letters) + (0 if first else right)
        if not 1 <= column <= _COLUMNS:
            return None
        letters = column_letters(column)
    elif digits:
        first, second = "", first or second  # in $7 the pattern takes the dollar for that of a column
    if digits:
        row = int(digits) + (0 if second else down)
        if not 1 <= row <= _ROWS:
            return None
        digits = str(row)
    return f"{first}{letters}{second}{digits}"
