"""The library of the rule language: every function by its name."""

from __future__ import annotations

from xltool.language.dates import DATES
from xltool.language.functions import GENERAL, Function
from xltool.language.grammar import GRAMMAR
from xltool.language.similarity import SIMILARITY
from xltool.language.wording import WORDING

FUNCTIONS: dict[str, Function] = {one.name: one for one in (*GENERAL, *GRAMMAR, *SIMILARITY, *DATES, *WORDING)}
