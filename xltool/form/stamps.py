"""The text of a stamp: form, version, row capacities, round."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from xltool.form.layout import Layout

PROPERTY, NAME = "xltool", "xl_stamp"

#: The greatest length of a text in a formula, and so in a defined name.
LONGEST = 255

_ROUND = re.compile(r" round=([0-9]{1,3})(?: after=([0-9a-f]{16}))?$")
_TEXT = re.compile(r"xltool/1 ([a-z0-9-]+)/([0-9]{1,9})(?: ([a-z0-9_]+=[0-9]{1,3}(?:,[a-z0-9_]+=[0-9]{1,3})*)?)?")


@dataclass(frozen=True)
class Round:
    """The round of submission that a form belongs to.

    Attributes:
        number: 1 for an issued form, one more each time it is returned.
        after: the first 16 hex digits of the SHA-256 of the submission that was returned; "" in the first round.
    """

    number: int = 1
    after: str = ""


FIRST = Round()


def stamp_text(layout: Layout, submission_round: Round = FIRST) -> str:
    """The stamp: ``xltool/1 mof-2020/1 quantity=6,quality=4,…``, in later rounds with ``round=2 after=…``."""
    rows = ",".join(f"{key}={number}" for key, number in layout.capacities.items())
    stamp = f"xltool/1 {layout.form.reference} {rows}"  # a form without tables ends here, with a blank
    if submission_round.number > 1:
        stamp += f" round={submission_round.number}" + (
            f" after={submission_round.after}" if submission_round.after else ""
        )
    assert len(stamp) <= LONGEST, stamp
    return stamp


def parse_round(stamp: str) -> Round:
    """The round in a stamp; the first if there is none."""
    match = _ROUND.search(stamp.strip())
    return FIRST if match is None else Round(max(1, int(match[1])), match[2] or "")


def parse_stamp(stamp: str) -> tuple[str, str, Mapping[str, int]] | None:
    """Form id, version and capacities of a stamp; None for a text that is no stamp."""
    match = _TEXT.fullmatch(_ROUND.sub("", stamp.strip()))
    if match is None:
        return None
    pairs = (pair.split("=") for pair in (match[3] or "").split(",") if pair)
    return match[1], match[2], {key: int(number) for key, number in pairs}
