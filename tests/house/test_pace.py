"""The lists of what takes long name tests that there are."""

from __future__ import annotations

import re

import pytest
from pace import load_pace
from project import ROOT


@pytest.mark.parametrize("line", [line for lines in load_pace().values() for line in lines])
def test_each_line_names_a_test_that_there_is(line: str) -> None:
    file, _, test = line.partition("[")[0].partition("::")
    assert re.search(rf"^def {test or 'test_'}", (ROOT / "tests" / file).read_text("utf-8"), re.MULTILINE)
