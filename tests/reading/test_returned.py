"""Opened and saved by any program, a form says the same; what the program drops is said and does not hinder."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import returned
from contract import results_of_workbook

pytestmark = pytest.mark.libreoffice

#: Seeds and published forms of five families; two of them here, all with XLTOOL_ALL.
FORMS = ["form1", "009", "form2", "006", "012", "015", "019"]

#: What a program may drop, and what cannot be seen in its format.
_DROPPED = {("P04", "info"), ("P05", "info"), ("P04", "warning")}


def _codes(result: dict[str, Any]) -> Counter[tuple[str, str]]:
    return Counter((finding["rule"], finding["level"]) for finding in result["findings"])


@pytest.mark.parametrize("name", FORMS if os.environ.get("XLTOOL_ALL") else FORMS[:2])
@pytest.mark.parametrize("program", returned.PROGRAMS)
def test_a_form_that_another_program_saved_gives_the_same_record(program: str, name: str, tmp_path: Path) -> None:
    suffix, save = returned.PROGRAMS[program]
    file, target = tmp_path / f"{name}.xlsx", tmp_path / f"{name}-saved.{suffix}"
    file.write_bytes(returned.filled(name))
    save(file, target)
    [before], [after] = (results_of_workbook(one.read_bytes(), one.name) for one in (file, target))
    assert before["record"] == after["record"] == returned.record(name)
    assert set(_codes(after) - _codes(before)) <= _DROPPED
    assert after["reading"]["format"] == suffix and after["reading"]["unplaced"] == []
    assert after["status"] == before["status"]
