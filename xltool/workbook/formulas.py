"""Compare formulas by meaning, because programs rewrite them when they save."""

from __future__ import annotations

import re

from xltool.support.memo import memo

#: Longer formulas, in characters, are not cached.
_LONGEST = 400


@memo(3_000, _LONGEST)
def normal_formula(formula: str) -> str:
    """Normalise a formula: remove the differences between programs that save it.

    Spaces, quotes around sheet names, case and $; ``of:=`` and semicolons of OpenDocument; ``TRUE()`` for TRUE.
    """
    plain = re.sub(r"[\s$']", "", formula).removeprefix("of:").removeprefix("msoxl:").removeprefix("=").upper()
    plain = re.sub(r"_XL(?:FN|WS)\.", "", plain).replace("TRUE()", "TRUE").replace("FALSE()", "FALSE")
    plain = re.sub(r"(?<=[\d)])\.0+(?=\D|$)", "", plain)
    return re.sub(r"\[\.?([A-Z]+\d+)(?::\.?([A-Z]+\d+))?\]", _remove_brackets, plain).replace(";", ",")


def _remove_brackets(match: re.Match[str]) -> str:
    return f"{match[1]}:{match[2]}" if match[2] else match[1]


def same_formula(formula: str, other: str) -> bool:
    """Whether two formulas have the same meaning, whichever program wrote them."""
    return formula == other or normal_formula(formula) == normal_formula(other)


@memo(1_500, _LONGEST)
def formula_without_addresses(formula: str) -> str:
    """The normalised formula with ``@`` for every cell address."""
    return re.sub(r"[A-Z]+\d+", "@", normal_formula(formula))
