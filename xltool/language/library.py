"""All functions of the rule language by name."""

from __future__ import annotations

from xltool.language.dates import DATES
from xltool.language.functions import GENERAL, Function
from xltool.language.grammar import GRAMMAR
from xltool.language.similarity import SIMILARITY
from xltool.language.wording import WORDING

FUNCTIONS: dict[str, Function] = {
    function.name: function for function in (*GENERAL, *GRAMMAR, *SIMILARITY, *DATES, *WORDING)
}
