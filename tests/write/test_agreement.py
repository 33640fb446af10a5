"""Both worlds agree: every formula of every workbook, recalculated by other programs, gives what we stored."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import fills
import libreoffice
import openpyxl
import pytest
import xlsxwriter
from contract import result_of_workbook
from engines import ENGINES
from formulas import RelativeFormulas, relative_formulas_of
from project import FAMILIES, FAMILY_FORMS, templates, with_changes

from xltool.form.answers import Answers
from xltool.form.own_sheets import CHECK
from xltool.form.places import VariableRowCell
from xltool.form.record import answers_of_record
from xltool.form.references import all_references
from xltool.result.record import Record
from xltool.rules.catalogue import Catalogue
from xltool.rules.loading import load_catalogue
from xltool.write.workbook import build

#: Varies from run to run; XLTOOL_SEED repeats one, XLTOOL_FORMS tries more forms than a test has time for.
SEED = int(os.environ.get("XLTOOL_SEED") or random.SystemRandom().randrange(10**9))
FORMS = int(os.environ.get("XLTOOL_FORMS") or 4)
MANY_FORMS = int(os.environ.get("XLTOOL_FORMS") or 24)

#: Other families share the rules of the first two forms; of them every so-manieth form is tried.
EVERY = {"mof-2020/1": 1, "shanghai-2020/1": 1}

KNOWN = [*all_references(), *FAMILY_FORMS]


@pytest.fixture(autouse=True, scope="module")
def _families() -> Iterator[None]:
    with templates(FAMILIES):
        yield


def _cells(file: Path, values: bool) -> dict[str, object]:
    book = openpyxl.load_workbook(file, read_only=True, data_only=values)
    return {
        f"{sheet.title}!{cell.coordinate}": cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


class _Written:
    """A workbook of ours: what its formulas are, and the value that we stored for each."""

    def __init__(self, file: Path, answers: Answers) -> None:
        self.file, self.answers = file, answers
        self._stored = _cells(file, values=True)
        self.formulas = {at: text for at, text in _cells(file, values=False).items() if str(text).startswith("=")}
        assert len(self.formulas) > 800, len(self.formulas)

    def relative_formulas(self) -> set[str]:
        relative = RelativeFormulas(self.answers.layout).relative
        return {relative(at, text) for at, text in self.formulas.items()}

    def differences(self, fresh: Mapping[str, object], judge: str, seen: Counter[str]) -> list[str]:
        """Cells that a judge computes otherwise; counted, so that nothing passes for lack of cells."""
        stored, formulas, layout = self._stored, self.formulas, self.answers.layout
        reference = layout.form.columns.get("reference")
        filled = [at for at in formulas if stored.get(at) not in (None, "") and stored[at] != formulas[at]]
        seen["verdicts"] += sum(at.startswith(f"{CHECK}!") for at in filled)
        if reference is not None:
            column = f"{layout.form.sheet}!{reference.columns}"
            seen["reference scores"] += sum(re.sub(r"\d", "", at) == column for at in filled)
        return [
            f"{at}: {stored.get(at)!r} here, {fresh.get(at)!r} in {judge}: {text}\n    {_small_record(self.answers, at)}"
            for at, text in formulas.items()
            if not _same(stored.get(at), fresh.get(at)) and str(stored.get(at)) != text
        ]


def _small_record(answers: Answers, at: str) -> dict[str, str]:
    """What is filled in on the row of a cell, enough to try again; the whole heading where it is no indicator row."""
    row = int(re.sub(r"\D", "", at.rpartition("!")[2]))
    layout = answers.layout
    of_row = [place for place in layout.input_places if layout.box(place).top == row]
    places = of_row or [place for place in layout.input_places if not isinstance(place, VariableRowCell)]
    return {place.name: str(answers.at(place)) for place in places if answers.at(place) is not None}


def _same(ours: object, theirs: object) -> bool:
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        return abs(ours - theirs) <= 1e-12 * max(1, abs(ours))
    return (ours or None) == (theirs or None)


def _forms(catalogue: Catalogue, number: int, aimed: int = 1, rows: int = 12) -> list[Answers]:
    """Random forms, those aimed at limits and ties, some with so many rows of everything, and the blank one."""
    layout = catalogue.layout({"quantity": 2, "quality": 1, "timeliness": 1, "cost": 1})
    every = EVERY.get(catalogue.form.reference, 6)
    forms: list[Answers] = [fills.random_answers(layout, SEED + one) for one in range(0, number, every)]
    forms += fills.aimed_answers(layout)[:: every * aimed]
    roomy = catalogue.layout(dict.fromkeys(catalogue.form.level2, rows))
    forms += [fills.paired_answers(roomy, SEED + one) for one in range(0, number // 4, every)]
    return [*forms, Answers(layout, {})]


@pytest.mark.parametrize("reference", KNOWN)
def test_every_formula_gives_in_two_other_engines_what_we_stored(reference: str, tmp_path: Path) -> None:
    catalogue, differences, seen = load_catalogue(reference), [], Counter[str]()
    forms = _forms(catalogue, FORMS, aimed=35, rows=4)
    for answers in forms:
        file = tmp_path / "one.xlsx"
        file.write_bytes(build(catalogue, answers, as_printed=True))
        written = _Written(file, answers)
        for name, engine in ENGINES.items():
            differences += written.differences(engine(file.read_bytes(), written.formulas), name, seen)
    _assert_none(differences, seen, catalogue, 2 * len(forms))


@pytest.mark.parametrize("references", [["mof-2020/1"], KNOWN], ids=["one form", "every form"])
def test_every_formula_that_there_is_gives_in_libreoffice_what_we_stored(
    references: Sequence[str], tmp_path: Path
) -> None:
    """One filled-in form of each definition, no formula typed over."""
    written = []
    for number, reference in enumerate(references):
        catalogue = load_catalogue(reference)
        layout = catalogue.layout({"quantity": 2, "quality": 1, "timeliness": 1, "cost": 1})
        file, answers = tmp_path / f"{number}.xlsx", fills.random_answers(layout, SEED + number)
        file.write_bytes(build(catalogue, answers))
        written.append(_Written(file, answers))
    recalculated = libreoffice.converted([one.file for one in written], tmp_path / "recalculated")
    seen: Counter[str] = Counter()
    pairs = zip(written, recalculated, strict=True)
    differences = [said for one, file in pairs for said in one.differences(_cells(file, True), "LibreOffice", seen)]
    assert not differences, f"XLTOOL_SEED={SEED}: {len(differences)} cells differ:\n" + "\n".join(differences[:20])


@pytest.mark.parametrize("reference", KNOWN)
def test_every_formula_of_many_forms_gives_in_libreoffice_what_we_stored(reference: str, tmp_path: Path) -> None:
    catalogue, written = load_catalogue(reference), []
    forms = _forms(catalogue, MANY_FORMS)
    for number, answers in enumerate([forms[0], *forms]):
        file = tmp_path / f"{number:03}.xlsx"
        file.write_bytes(build(catalogue, answers, as_printed=number > 0))  # of the first no formula is typed over
        written.append(_Written(file, answers))
    recalculated = libreoffice.converted([one.file for one in written], tmp_path / "recalculated")
    seen: Counter[str] = Counter()
    pairs = zip(written, recalculated, strict=True)
    differences = [said for one, file in pairs for said in one.differences(_cells(file, True), "LibreOffice", seen)]
    _assert_none(differences, seen, catalogue, len(written))
    for capacities in _sizes(catalogue):
        formulas = set(relative_formulas_of(catalogue, catalogue.layout(capacities)))
        assert formulas - written[0].relative_formulas() == set(), "LibreOffice was not asked about them"
        assert len(formulas) > 200


def _sizes(catalogue: Catalogue) -> list[dict[str, int]]:
    """Rows of every second-level indicator: as shipped, one, a few and unlike, many and unlike."""
    groups = list(enumerate(catalogue.form.level2))
    return [{}, *({group: 1 + number % few for number, group in groups} for few in (1, 4, 9))]


def _assert_none(differences: list[str], seen: Counter[str], catalogue: Catalogue, judged: int) -> None:
    """No difference, and none for lack of anything to compare in the forms that were judged."""
    assert not differences, f"XLTOOL_SEED={SEED}: {len(differences)} cells differ:\n" + "\n".join(differences[:20])
    assert seen["verdicts"] + seen["reference scores"] >= 150 * judged, seen
    assert "reference" not in catalogue.form.columns or seen["reference scores"] >= judged, seen
    print(f"XLTOOL_SEED={SEED}: {dict(seen)}, no difference")  # noqa: T201  # for pytest -rP


@pytest.mark.parametrize("judge", [*ENGINES, "LibreOffice"])
def test_each_judge_recalculates(judge: str, tmp_path: Path) -> None:
    """A wrong stored value must not survive: else the agreement above would prove nothing."""
    file = tmp_path / "wrong.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet(CHECK)
        sheet.write_formula("A1", "=ROUND(2.5,0)", None, 99)
    if judge == "LibreOffice":
        [saved] = libreoffice.converted([file], tmp_path / "out")
        value = _cells(saved, values=True)[f"{CHECK}!A1"]
    else:
        value = ENGINES[judge](file.read_bytes(), [f"{CHECK}!A1"])[f"{CHECK}!A1"]
    assert value == 3


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


@pytest.mark.parametrize("rules", [["W04", "P03"], list(MISTAKES)], ids=["two", "all"])
def test_a_mistake_is_flagged_in_the_sheet_and_found_on_ingest(
    rules: Sequence[str], clean: dict[str, Any], tmp_path: Path
) -> None:
    """Both worlds alike: LibreOffice shows it on the panel and beside its row, and ingest finds it in the same cell."""
    catalogue = load_catalogue("mof-2020/1")
    files = []
    for rule in rules:
        answers, _ = answers_of_record(Record.from_json(with_changes(clean, MISTAKES[rule])), catalogue.layout())
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
