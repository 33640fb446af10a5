"""The lists of what takes long name tests that there are."""

from __future__ import annotations

import re

import pytest
from pace import Pace, load_pace
from project import ROOT

PACE = load_pace()


@pytest.mark.parametrize("line", sorted({*PACE.samples, *PACE.lines["slow"], *PACE.lines["thorough"]}))
def test_each_line_names_a_test_that_there_is(line: str) -> None:
    file, _, test = line.partition("[")[0].partition("::")
    assert re.search(rf"^def {test or 'test_'}", (ROOT / "tests" / file).read_text("utf-8"), re.MULTILINE)


def test_of_a_sample_the_first_and_every_so_manieth_are_tried_sooner() -> None:
    pace = Pace({"thorough": frozenset(["a.py"]), "slow": frozenset(["a.py::c"])}, {"a.py::b": 3})
    tests = ["a.py::b[1]", "a.py::b[2]", "a.py::b[3]", "a.py::b[4]", "a.py::c", "z.py::b[1]", "z.py::b[2]"]
    assert list(pace.marks(tests)) == ["thorough", "slow", "slow", "thorough", "slow", "", ""]
