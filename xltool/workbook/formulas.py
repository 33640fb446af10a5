"""Formulas by their meaning: programs write the same one otherwise when they save."""

from __future__ import annotations

import re

from xltool.support.memo import memo

#: Longer formulas are not remembered.
_LONGEST = 400


@memo(3_000, _LONGEST)
def normal_formula(formula: str) -> str:
    """A formula by its meaning, without what programs change when they save.

    Spaces, quotes around sheet names, case and $; ``of:=`` and semicolons of OpenDocument; ``TRUE()`` for TRUE.
    """
    plain = re.sub(r"[\s$']", "", formula).removeprefix("of:").removeprefix("msoxl:").removeprefix("=").upper()
    plain = re.sub(r"_XL(?:FN|WS)\.", "", plain).replace("TRUE()", "TRUE").replace("FALSE()", "FALSE")
    plain = re.sub(r"(?<=[\d)])\.0+(?=\D|$)", "", plain)
    return re.sub(r"\[\.?([A-Z]+\d+)(?::\.?([A-Z]+\d+))?\]", _unbracketed, plain).replace(";", ",")


def _unbracketed(match: re.Match[str]) -> str:
    return f"{match[1]}:{match[2]}" if match[2] else match[1]


def same_formula(here: str, wanted: str) -> bool:
    """Whether two formulas mean the same, whatever program wrote them."""
    return here == wanted or normal_formula(here) == normal_formula(wanted)


@memo(3_000, _LONGEST)
def formula_without_addresses(formula: str) -> str:
    """A formula by its meaning wherever it asks: without the addresses in it."""
    return re.sub(r"[A-Z]+\d+", "@", normal_formula(formula))
