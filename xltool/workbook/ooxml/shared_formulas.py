"""Shared formulas: written out once in a file, read in each of their cells with the references moved."""

from __future__ import annotations

import re

from xltool.workbook.letters import column_letters, column_number

_ROWS, _COLUMNS = 1_048_576, 16_384

# Texts, quoted sheet names and parts of tables are left alone. A name such as LOG10 or A1B is no reference, nor is
# what a sheet name such as Q1 in Q1!B2 looks like.
_TOKENS = re.compile(
    r"""(?P<aside>"(?:[^"]|"")*"|'(?:[^']|'')*'|\[[^\[\]]*\])
    |(?<![\w.$\]])(?P<columns>\$?[A-Z]{1,3}:\$?[A-Z]{1,3})(?![\w.(!])
    |(?<![\w.$\]])(?P<rows>\$?[0-9]{1,7}:\$?[0-9]{1,7})(?![\w.(!])
    |(?<![\w.$\]])(?P<cell>\$?[A-Z]{1,3}\$?[0-9]{1,7})(?![\w.(!])""",
    re.VERBOSE,
)
_PLACE = re.compile(r"(\$?)([A-Z]{0,3})(\$?)([0-9]{0,7})")


def shift_formula(formula: str, down: int, right: int) -> str:
    """A formula as it reads so many rows lower and columns to the right; what falls off the sheet is #REF!."""

    def token(match: re.Match[str]) -> str:
        if match["aside"]:
            return match[0]
        ends = [_moved(end, down, right) for end in match[0].split(":")]
        return "#REF!" if None in ends else ":".join(end for end in ends if end is not None)

    return _TOKENS.sub(token, formula)


def _moved(place: str, down: int, right: int) -> str | None:
    """``$B7``, ``B`` or ``7`` moved where it is not fixed by a dollar."""
    match = _PLACE.fullmatch(place)
    assert match is not None, place  # the tokens are made of places
    first, letters, second, digits = match.groups()
    if letters:
        column = column_number(letters) + (0 if first else right)
        if not 1 <= column <= _COLUMNS:
            return None
        letters = column_letters(column)
    elif digits:
        first, second = "", first or second  # $7 of $7:$9 has its dollar where a column has it
    if digits:
        row = int(digits) + (0 if second else down)
        if not 1 <= row <= _ROWS:
            return None
        digits = str(row)
    return f"{first}{letters}{second}{digits}"
