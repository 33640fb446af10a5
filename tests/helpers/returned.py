"""Real forms as records of their definitions, and programs that open and save a workbook."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import foreign
import libreoffice
import openpyxl
from contract import fill, results_of_workbook
from project import NODE, ROOT

from xltool.form import seals
from xltool.form.answers import Answers
from xltool.form.record import answers_of_record, needed_capacities
from xltool.result.record import Record
from xltool.rules.loading import load_catalogue
from xltool.support import json_codec
from xltool.write.workbook import build


@cache
def record(name: str) -> dict[str, Any]:
    """A record by the name of a seed (form1, form2), of the clean example, or of a published form (006)."""
    if name in ("clean", "issued"):
        return json_codec.loads((ROOT / "templates/mof-2020/1/example.json").read_bytes())
    if name.startswith("form"):
        return json_codec.loads((ROOT / f"examples/{name}.json").read_bytes())
    [result] = results_of_workbook(foreign.workbook([(foreign.RECORDS[name], foreign.Style())]), name)
    return result["record"]


@cache
def filled(name: str) -> bytes:
    """Its workbook, as printed: seeds and published forms have figures of their own."""
    if name == "issued":
        return _issued(record(name))
    return fill(record(name), as_printed=True).content


#: What a roster says of a project, so that its unit may not change it.
_FROM_THE_ROSTER = ("project.name", "project.unit", "project.department", "project.code", "year", "goal.expected",
                    "indicators.level3", "indicators.target", "indicators.weight")  # fmt: skip


def _issued(record: dict[str, Any]) -> bytes:
    """The form filled in by the unit to which it was issued."""
    contents = Record.from_json(record)
    catalogue = load_catalogue(contents.form.text)
    answers, _ = answers_of_record(contents, catalogue.layout(needed_capacities(contents, catalogue.form)))
    places = [place for place in answers.layout.places if seals.place_kind(place) in _FROM_THE_ROSTER]
    layout = answers.layout.with_issued(places)
    seal = seals.Seal("20250301-7f3a9c", 17, seals.project_mark("code:1"), "")
    values = {place: answers.at(place) for place in places}
    issued = seals.seal_values(
        layout.form.reference, seals.SealedValues(seal, values, seals.values_text(values, layout))
    )
    return build(catalogue, Answers(layout, answers.values), issued=issued)


def by_openpyxl(file: Path, target: Path) -> None:
    openpyxl.load_workbook(file).save(target)


def by_node(library: str) -> Callable[[Path, Path], None]:
    def save(file: Path, target: Path) -> None:
        kind = {".xls": "biff8", ".ods": "ods", ".xlsb": "xlsb"}.get(target.suffix, "xlsx")
        command = ["node", str(NODE / "resave.js"), library, str(file), str(target), kind]
        subprocess.run(command, check=True, capture_output=True)

    return save


def by_libreoffice(to: str) -> Callable[[Path, Path], None]:
    def save(file: Path, target: Path) -> None:
        [made] = libreoffice.converted([file], target.parent / "lo", to)
        shutil.move(made, target)

    return save


#: Program and format → how it saves.
PROGRAMS: dict[str, tuple[str, Callable[[Path, Path], None]]] = {
    "openpyxl": ("xlsx", by_openpyxl),
    "exceljs": ("xlsx", by_node("exceljs")),
    "SheetJS": ("xlsx", by_node("sheetjs")),
    "SheetJS xls": ("xls", by_node("sheetjs")),
    "LibreOffice": ("xlsx", by_libreoffice("xlsx:Calc MS Excel 2007 XML")),
    "LibreOffice ods": ("ods", by_libreoffice("ods")),
    "LibreOffice xls": ("xls", by_libreoffice("xls:MS Excel 97")),
}
