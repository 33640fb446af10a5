"""Recognises cells with hidden content: a picture, or a text that was taken for a formula."""

from __future__ import annotations

import re
from collections.abc import Collection

from xltool.language.functions import SheetError
from xltool.workbook.grid import CellFact

#: The formulas of pictures in cells, in WPS, Excel, and LibreOffice, which keeps functions that it does not know.
_PICTURE = re.compile(
    r"\s*=?\s*[-+@]?(?:_xlfn\.|_xlws\.|_xludf\.|COM\.MICROSOFT\.)*(?:DISPIMG|IMAGE)\s*\(", re.IGNORECASE
)

#: The parts of a formula that are not names: quoted texts and sheets, references to other workbooks, functions.
_ASIDE = re.compile(r'"(?:[^"]|"")*"|[A-Z]{1,3}:[A-Z]{1,3}|\'(?:[^\']|\'\')*\'|\[[^\[\]]*\]|[^\W\d][\w.]*\s*[(!]')
_WORD = re.compile(r"[^\W\d_][\w.]*")
_CELL = re.compile(r"\$?[A-Za-z]{1,3}\$?\d+|R\d*C\d*|TRUE|FALSE", re.IGNORECASE)

#: The results of a formula with an unknown name, in Excel, WPS and LibreOffice.
_UNKNOWN = frozenset(("#NAME?", "Err:508", "Err:509", "Err:510"))


def is_picture(fact: CellFact) -> bool:
    """Whether a cell holds a picture, so that it has no readable value."""
    if fact.picture:
        return True
    of_formula = "(" in fact.formula and _PICTURE.match(fact.formula) is not None  # the cheap test first
    return of_formula or ("(" in fact.text and _PICTURE.match(fact.text) is not None)


def text_typed(fact: CellFact, names: Collection[str]) -> str:
    """The text that became a formula because it was typed with a leading sign, such as ``-完成58批``; "" for none.

    Args:
        fact: the cell.
        names: the defined names of the workbook, which a formula may use.
    """
    unknown = isinstance(fact.value, SheetError) and (not fact.cached or fact.value in _UNKNOWN)
    if not fact.formula or not unknown:
        return ""
    known = {name.casefold() for name in names}
    words = _WORD.findall(_ASIDE.sub(" ", fact.formula.replace("$", "")))
    words = [word for word in words if not _CELL.fullmatch(word) and word.casefold() not in known]
    if not words or (not fact.cached and "".join(words).isascii()):
        return ""
    return fact.formula if fact.formula[0] in "-+@" else f"={fact.formula}"
