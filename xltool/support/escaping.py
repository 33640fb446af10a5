"""Texts of strangers made harmless for those who read them: no control characters, no formulas in CSV."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

#: Names of devices: Windows makes no file of them, whatever the ending.
_RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in range(1, 10))}

#: What a spreadsheet takes for the beginning of a formula in a CSV file (OWASP, CSV injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def escape_controls(text: str, line_feeds: bool = True) -> str:
    r"""Escape control, format and unpaired characters, so that they are shown instead of taking effect: ``\u202e``.

    Args:
        text: any text.
        line_feeds: whether line feeds stay; otherwise they become spaces.
    """
    return "".join(_seen(letter, line_feeds) for letter in text) if not text.isprintable() else text


def _seen(letter: str, line_feeds: bool) -> str:
    if letter == "\n":
        return letter if line_feeds else " "
    # format characters turn the direction of what follows; private and unassigned ones are only strange
    if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return f"\\u{ord(letter):04x}"
    return letter


def file_stem(text: str, longest: int) -> str:
    """A text as the stem of a file's name on any system: nothing that Windows refuses, no control characters.

    Args:
        text: any text; characters that are not allowed in file names become underscores.
        longest: the most bytes in UTF-8; some systems count 255 for the whole name.
    """
    stem = re.sub(r'[\x00-\x1f\x7f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]', "_", text)
    stem = stem.encode("utf-8")[:longest].decode("utf-8", "ignore").strip(" .")
    return f"{stem}_" if stem.partition(".")[0].upper() in _RESERVED else stem


def own_name(file: str) -> str:
    """The name of a file without the folders, or the archive, that it stands in."""
    return file.replace("\\", "/").rpartition("/")[2]


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """A CSV table that opens rightly in Excel: with a byte order mark, and no cell that is taken for a formula.

    Numbers stay numbers; a text that begins like a formula gets a leading apostrophe.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return "\ufeff" + target.getvalue()


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return "" if value is None else value
    text = escape_controls(value) if not value.startswith(("\t", "\r")) else "'" + escape_controls(value)
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def escape_markup(text: str) -> str:
    """Text without control characters, which could play tricks with a terminal; line feeds become spaces."""
    return "".join(
        letter if letter.isprintable() or letter == "\u3000" else " " if letter == "\n" else f"\\x{ord(letter):02x}"
        for letter in str(text)
    )
