"""The catalogue of what people do to a completed form: every line is data, or says where else it is tried and why."""

from __future__ import annotations

from breaking import Mutation
from breaking_files import FILES
from breaking_sheets import LOCKED, SHEETS
from breaking_values import FORMULAS, VALUES

MUTATIONS: tuple[Mutation, ...] = (*SHEETS, *LOCKED, *VALUES, *FORMULAS, *FILES)

#: What must come of each line: A accepted as it was, N accepted and normalised or told as information, W accepted with
#: a warning, E returned with the field in error, R refused whole. Several where the line names several.
OUTCOMES = {
    **{f"S{number:02}": outcome for number, outcome in enumerate(
        ["W", "A", "W", "W", "R", "W", "R", "W", "W", "A", "W", "W", "E", "E", "N", "E", "W", "ER", "A", "A", "W", "A", "E", "W", "W", "W", "A", "A"], 1)},
    **{f"P{number:02}": outcome for number, outcome in enumerate(["AN", "A", "W", "W", "E", "E", "E", "E", "NE", "A", "E", "N", "W", "A", "W", "E", "A"], 1)},
    **{f"V{number:02}": outcome for number, outcome in enumerate(
        ["N", "N", "N", "N", "E", "W", "NW", "E", "NE", "N", "A", "E", "N", "E", "E", "N", "E", "E", "E", "WE"], 1)},
    **{f"D{number:02}": outcome for number, outcome in enumerate(["A", "N", "E", "E", "N", "E", "N", "E"], 1)},
    **{f"T{number:02}": outcome for number, outcome in enumerate(["N", "N", "AN", "A", "A", "W", "AW", "A", "A", "AW", "A"], 1)},
    **{f"F{number:02}": outcome for number, outcome in enumerate(["W", "E", "W", "W", "EAN", "W", "E", "W", "W"], 1)},
    **{f"I{number:02}": outcome for number, outcome in enumerate(["W", "R", "R", "R", "E", "A", "W", "W", "E"], 1)},
    **{f"A{number:02}": outcome for number, outcome in enumerate(["A", "A", "AW", "AE", "AN", "A", "W", "A", "AW", "W", "R", "R", "R", "AR", "A"], 1)},
    **{f"O{number:02}": "W" for number in range(1, 7)},
}  # fmt: skip
