"""Both worlds agree: every formula of every workbook, recalculated by LibreOffice, gives what we stored."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import fills
import libreoffice
import openpyxl
import pytest
from contract import result_of_workbook
from project import with_changes

from xltool.form.answers import Answers
from xltool.form.definition import references
from xltool.form.own_sheets import CHECK
from xltool.form.places import VariableRowCell
from xltool.form.record import answers_of_record
from xltool.rules.catalogue import load_catalogue
from xltool.write.workbook import build

pytestmark = pytest.mark.libreoffice

RANDOM = 24

#: Varies from run to run; XLTOOL_SEED repeats one, XLTOOL_FORMS tries more forms than a test has time for.
SEED = int(os.environ.get("XLTOOL_SEED") or random.SystemRandom().randrange(10**9))
FORMS = int(os.environ.get("XLTOOL_FORMS") or RANDOM)

#: Other families share the rules of the first two forms; of them every so-manieth form is tried.
EVERY = {"mof-2020/1": 1, "shanghai-2020/1": 1}


def _cells(file: Path, values: bool) -> dict[str, object]:
    book = openpyxl.load_workbook(file, read_only=True, data_only=values)
    return {
        f"{sheet.title}!{cell.coordinate}": cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def _differences(written: Path, recalculated: Path, answers: Answers, seen: Counter[str]) -> list[str]:
    """Cells whose stored value LibreOffice computes otherwise; counted, so that nothing passes for lack of cells."""
    stored, fresh = _cells(written, values=True), _cells(recalculated, values=True)
    formulas = {at: text for at, text in _cells(written, values=False).items() if str(text).startswith("=")}
    assert len(formulas) > 800, len(formulas)
    reference = answers.layout.form.columns.get("reference")
    given = [at for at in formulas if stored.get(at) not in (None, "") and stored[at] != formulas[at]]
    seen["verdicts"] += sum(at.startswith(f"{CHECK}!") for at in given)
    if reference is not None:
        column = f"{answers.layout.form.sheet}!{reference.columns}"
        seen["reference scores"] += sum(re.sub(r"\d", "", at) == column for at in given)
    return [
        f"{at}: {stored.get(at)!r} here, {fresh.get(at)!r} there: {text}\n    {_small_record(answers, at)}"
        for at, text in formulas.items()
        if not _same(stored.get(at), fresh.get(at)) and str(stored.get(at)) != text
    ]


def _small_record(answers: Answers, at: str) -> dict[str, str]:
    """What is filled in on the row of a cell, enough to try again; the whole heading where it is no indicator row."""
    row = int(re.sub(r"\D", "", at.rpartition("!")[2]))
    layout = answers.layout
    of_row = [place for place in layout.inputs if layout.box(place).top == row]
    places = of_row or [place for place in layout.inputs if not isinstance(place, VariableRowCell)]
    return {place.name: str(answers.at(place)) for place in places if answers.at(place) is not None}


def _same(ours: object, theirs: object) -> bool:
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        return abs(ours - theirs) <= 1e-12 * max(1, abs(ours))
    return (ours or None) == (theirs or None)


@pytest.mark.parametrize("reference", references())
def test_every_formula_gives_in_libreoffice_what_we_stored(reference: str, tmp_path: Path) -> None:
    catalogue = load_catalogue(reference)
    layout = catalogue.layout({"quantity": 2, "quality": 1, "timeliness": 1, "cost": 1})
    every = EVERY.get(reference, 6)
    forms: list[Answers] = [fills.random_answers(layout, SEED + number) for number in range(0, FORMS, every)]
    forms += fills.aimed_answers(layout)[::every]
    roomy = catalogue.layout(dict.fromkeys(catalogue.form.level2, 12))
    forms += [fills.paired_answers(roomy, SEED + number) for number in range(0, FORMS // 4, every)]
    forms.append(Answers(layout, {}))
    files = []
    for number, answers in enumerate(forms):
        file = tmp_path / f"{number:03}.xlsx"
        file.write_bytes(build(catalogue, answers, as_printed=True))
        files.append(file)
    recalculated = libreoffice.converted(files, tmp_path / "recalculated")
    seen: Counter[str] = Counter()
    differences = []
    for file, saved, answers in zip(files, recalculated, forms, strict=True):
        differences += _differences(file, saved, answers, seen)
    assert not differences, f"XLTOOL_SEED={SEED}: {len(differences)} cells differ:\n" + "\n".join(differences[:20])
    assert seen["verdicts"] + seen["reference scores"] >= 20_000 // every, seen
    scored = "reference" in catalogue.form.columns
    assert seen["reference scores"] >= 300 // every * scored, seen
    print(f"XLTOOL_SEED={SEED}: {len(files)} workbooks, {dict(seen)}, no difference")  # noqa: T201  # for pytest -rP


def test_the_oracle_recalculates(tmp_path: Path) -> None:
    """A wrong stored value must not survive: else the agreement above would prove nothing."""
    import xlsxwriter

    file = tmp_path / "wrong.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet(CHECK)
        sheet.write_formula("A1", "=ROUND(2.5,0)", None, 99)
    [saved] = libreoffice.converted([file], tmp_path / "out")
    assert Decimal(openpyxl.load_workbook(saved, data_only=True)[CHECK]["A1"].value) == 3


MISTAKES = {
    "W04": {"indicators.0.weight": 101},
    "S02": {"indicators.0.score": 21},
    "F01": {"funds.carryover.executed": "两万"},
    "H02": {"year": 20200},
    "H01": {"project.name": ""},
    "D01": {"indicators.0.score": 1},
    "F05": {"funds.total.execution_rate": 0.5},
    "P03": {"funds.total.execution_rate": ""},
}


def test_a_mistake_is_flagged_in_the_sheet_and_found_on_ingest(clean: dict[str, Any], tmp_path: Path) -> None:
    """Both worlds alike: LibreOffice shows it on the panel and beside its row, and ingest finds it in the same cell."""
    catalogue = load_catalogue("mof-2020/1")
    files = []
    for rule, changes in MISTAKES.items():
        answers, _ = answers_of_record(with_changes(clean, changes), catalogue.layout())
        files.append(tmp_path / f"{rule}.xlsx")
        files[-1].write_bytes(build(catalogue, answers, as_printed=True))
    for file, saved in zip(files, libreoffice.converted(files, tmp_path / "saved"), strict=True):
        rule = file.stem
        shown = _cells(saved, values=True)
        line = next(at for at, value in shown.items() if at.startswith("自检!A") and value == rule)[len("自检!A") :]
        assert shown[f"自检!C{line}"] == "错误", rule
        assert str(shown["自检!C3"]).startswith("有 "), rule
        cell = str(shown[f"自检!E{line}"])
        for one in (file, saved):
            found = result_of_workbook(one.read_bytes(), "x")["findings"]
            assert (rule, cell) in {(finding["rule"], finding["cell"]) for finding in found}, rule
        row = cell.lstrip("自评表!ABCDEFGHI")
        assert rule in str(shown[f"自评表!N{row}"]), rule
