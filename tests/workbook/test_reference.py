"""Our package reader against openpyxl, fact by fact, over workbooks of every maker there is; differences have names."""

from __future__ import annotations

import datetime
import io
import json
import math
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libreoffice
import openpyxl
import pytest
import xlsxwriter
from fuzzing import facts, facts_by_expat, seeds
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from project import NODE

from xltool.language.functions import SheetError
from xltool.language.numbers import from_sheet
from xltool.recognition.form_workbook import open_form_workbook
from xltool.workbook.grid import CellFact, Grid
from xltool.workbook.number_formats.format import number_format


class Moment:
    """A time as its cell shows it, by the serial number that openpyxl has for it, to the nearest second."""

    def __init__(self, value: datetime.datetime | datetime.time | datetime.timedelta, code: str) -> None:
        serials = (to_excel(value) + second / 86_400 for second in (0, 1e-6, -1e-6))
        self._texts = {number_format(code).display(from_sheet(serial)) for serial in serials}

    def __eq__(self, other: object) -> bool:
        return other in self._texts

    __hash__ = None  # type: ignore[assignment]


def formula_of(value: Any) -> str:
    if isinstance(value, ArrayFormula):
        return str(value.text or "").removeprefix("=")
    if isinstance(value, DataTableFormula):
        return "TABLE(" + ",".join(one for one in (value.r1, value.r2) if one) + ")"
    return value[1:] if isinstance(value, str) and value.startswith("=") and len(value) > 1 else ""


def value_of(cell: Any, code: str = "") -> Any:
    """What openpyxl says that a cell holds, in our words.

    Args:
        cell: its cell.
        code: the number format as we read it: openpyxl does not know the built-in ones of Chinese offices.
    """
    value = cell.value
    if cell.data_type == "e":
        return SheetError(value)
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return from_sheet(value) if math.isfinite(value) else SheetError("#NUM!")
        case datetime.datetime() | datetime.time() | datetime.timedelta():
            return Moment(value, code or cell.number_format)
    return None if value is None else str(value)


def differences(content: bytes) -> Iterator[str]:
    """Every fact in which we and openpyxl differ, but for the differences that have a name here."""
    ours = open_form_workbook(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        formulas, values = (openpyxl.load_workbook(io.BytesIO(content), data_only=flag) for flag in (False, True))
    if list(ours.sheets) != formulas.sheetnames:
        yield f"sheets {list(ours.sheets)} {formulas.sheetnames}"
        return
    theirs = {name: (one.attr_text or "").strip() for name, one in formulas.defined_names.items()}
    own = {
        name: meaning for name, meaning in ours.names.items() if not name.startswith("_xlnm.")
    }  # it drops reserved ones
    if own != theirs:
        yield f"names {set(own.items()) ^ set(theirs.items())}"
    props = {one.name: str(one.value) for one in formulas.custom_doc_props.props}
    if {key: value for key, value in ours.properties.items() if key in props} != props:
        yield f"properties {ours.properties} {props}"
    for sheet in formulas.worksheets:
        yield from _sheet_differences(ours, sheet, values[sheet.title])


def _sheet_differences(ours: Grid, sheet: Any, values: Any) -> Iterator[str]:
    facts = ours.sheets[sheet.title]
    where = sheet.title
    if facts.state != sheet.sheet_state:
        yield f"{where} state {facts.state} {sheet.sheet_state}"
    if sorted(box.range for box in facts.merges) != sorted(str(box) for box in sheet.merged_cells.ranges):
        yield f"{where} merges {facts.merges}"
    theirs = sorted((one.type or "none", one.formula1 or "", one.formula2 or "", sorted(str(one.sqref).split()))
                    for one in sheet.data_validations.dataValidation)  # fmt: skip
    own = sorted((one.kind, *(*one.formulas, "", "")[:2], sorted(box.range for box in one.boxes))
                 for one in facts.validations if not one.extended)  # fmt: skip
    if own != theirs:
        yield f"{where} validations {own} {theirs}"
    rules = sum(len(one.rules) for one in sheet.conditional_formatting)
    if sum(not one.extended for one in facts.conditional_formats) != rules:
        yield f"{where} conditional formats {len(facts.conditional_formats)} {rules}"
    if (facts.protection is not None) != bool(sheet.protection.sheet):
        yield f"{where} protection"
    hidden = {row for row, one in sheet.row_dimensions.items() if one.hidden}
    if hidden != {row for row in range(1, sheet.max_row + 1000) if facts.row_hidden(row)}:
        yield f"{where} hidden rows {facts.hidden_rows} {sorted(hidden)}"
    cells = {(one.row, one.column): one for row in sheet.iter_rows() for one in row if one.value is not None}
    for spot in cells.keys() | facts.cells.keys():
        if why := _difference(facts.cells.get(spot), cells.get(spot), values.cell(*spot)):
            yield f"{where} {spot} {why}: {facts.cells.get(spot)} {getattr(cells.get(spot), 'value', None)!r}"


def _difference(fact: CellFact | None, cell: Any, result: Any) -> str:
    if fact is None:
        return "" if _plain(value_of(cell)) is None and not formula_of(cell.value) else "missing"
    if cell is None:
        return "" if fact.value is None and not fact.formula else "unknown to openpyxl"
    if fact.formula != formula_of(cell.value):
        return "formula"
    if fact.number_format != cell.number_format and not _named_format(fact, cell):
        return "format"
    if fact.formula and not fact.cached:
        return "" if result.value is None else "cached"
    theirs = value_of(result if fact.formula else cell, fact.number_format)
    return "" if _plain(fact.value) == _plain(theirs) or _named(fact, theirs) else f"value {theirs!r}"


def _plain(value: Any) -> Any:
    # An escaped carriage return stays as it is in openpyxl; an empty text is nothing.
    if isinstance(value, str) and not isinstance(value, SheetError):
        value = value.replace("_x000D_\n", "\n").replace("_x000D_", "\n").replace("\r\n", "\n").replace("\r", "\n")
    return value if value != "" else None


def _named(fact: CellFact, theirs: Any) -> bool:
    """The differences that we know, each with its reason."""
    if fact.raw and "_x" in str(theirs) and "_x" in fact.raw + str(theirs):
        return True  # openpyxl undoes no escapes
    # Serial 60 is 29 February 1900, which never was; 0 and below are no dates; openpyxl has a day for each.
    # Of a number too large for a date or for any cell, both say that it is an error, each in its own words.
    return isinstance(fact.value, SheetError) and ("日期" in str(fact.value) or isinstance(theirs, SheetError))


def _named_format(fact: CellFact, cell: Any) -> bool:
    # Codes 27 to 58 mean dates in a Chinese office and nothing to openpyxl.
    return cell.number_format == "General" or cell._style.numFmtId < 60


def _by_pandas(target: Path) -> None:
    """As pandas writes: values only, a header with borders, the first sheet called Sheet1."""
    with xlsxwriter.Workbook(target, {"default_date_format": "yyyy-mm-dd", "nan_inf_to_errors": True}) as book:
        sheet = book.add_worksheet("Sheet1")
        sheet.write_row(0, 0, ["", "项目", "金额", "日期"], book.add_format({"bold": True, "border": 1}))
        for row in range(1, 20):
            sheet.write_row(row, 0, [row - 1, f"项目{row}", row * 1.1, datetime.date(2024, 5, row), float("nan")])


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Workbooks of every maker: ours, openpyxl, XlsxWriter, pandas' way, LibreOffice, exceljs and SheetJS."""
    place = tmp_path_factory.mktemp("corpus")
    from xltool.form.answers import Answers
    from xltool.form.references import all_references
    from xltool.rules.loading import load_catalogue
    from xltool.write.workbook import build

    for name, content in seeds().items():
        (place / f"{name}.xlsx").write_bytes(content)
    _by_pandas(place / "pandas.xlsx")
    for reference in all_references()[:2]:
        catalogue = load_catalogue(reference)
        content = build(catalogue, Answers(catalogue.layout(), {}))
        (place / f"template {reference.replace('/', ' ')}.xlsx").write_bytes(content)
    first = sorted(place.glob("*.xlsx"))
    if libreoffice.program():
        for file in libreoffice.converted(first, place / "libreoffice"):
            shutil.move(file, place / f"libreoffice {file.name}")
    for library in ("exceljs", "sheetjs") if _node() else ():
        for name in ("form1", "xlsxwriter", "pandas"):
            files = (place / f"{name}.xlsx", place / f"{library} {name}.xlsx")
            subprocess.run(["node", NODE / "resave.js", library, *files], check=True, capture_output=True)
    return {file.name: file.read_bytes() for file in sorted(place.glob("*.xlsx"))}


def _node() -> bool:
    import os

    there = shutil.which("node") is not None and (NODE / "node_modules/exceljs").exists()
    if not there and os.environ.get("CI"):
        pytest.fail("exceljs and SheetJS are missing: make test installs them")
    return there


@pytest.mark.libreoffice
def test_every_fact_is_the_one_that_openpyxl_finds(corpus: dict[str, bytes]) -> None:
    found = {name: list(differences(content))[:3] for name, content in corpus.items()}
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert len(found) >= (7 if libreoffice.program() is None else 14)


@pytest.mark.libreoffice
def test_rows_that_were_learnt_say_what_the_parser_says(corpus: dict[str, bytes]) -> None:
    """Each workbook twice, after all others: what is remembered of one must not show in another."""
    for content in [*corpus.values(), *corpus.values()]:
        assert facts(content) == facts_by_expat(content)


def test_what_openpyxl_counts_wrong_is_few_and_known() -> None:
    """The names of the differences are true: each is seen here once."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"], sheet["A2"], sheet["A3"] = "a_x000D_\nb", 60, "_x005F_x000D_"
    sheet["A2"].number_format = "yyyy-mm-dd"
    target = io.BytesIO()
    book.save(target)
    ours, theirs = open_form_workbook(target.getvalue()), openpyxl.load_workbook(io.BytesIO(target.getvalue())).active
    assert (ours.at("Sheet", 1, 1).value, theirs["A1"].value) == ("a\nb", "a_x000D_\nb")
    assert isinstance(ours.at("Sheet", 2, 1).value, SheetError) and theirs["A2"].value.day == 28
    assert (ours.at("Sheet", 3, 1).value, theirs["A3"].value) == ("_x000D_", "_x005F_x000D_")


_TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff"), max_size=20)
_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.floats(allow_nan=False, allow_infinity=False), _TEXTS,
    st.datetimes(datetime.datetime(1901, 1, 1), datetime.datetime(2999, 1, 1)).map(lambda one: one.replace(microsecond=0)),
    st.sampled_from(["=A1+1", "=SUM($A$1:B2)", '="x"&A1', "#N/A", "#DIV/0!", "=1", "0012", "1E5", "是", " x ", "a\nb"]),
)  # fmt: skip
_FORMATS = st.sampled_from(
    ["General", "0%", "0.00", "#,##0.00", "@", "yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "[h]:mm", "0.0000000000"]
)
_CELLS = st.dictionaries(st.tuples(st.integers(1, 60), st.integers(1, 40)), st.tuples(_VALUES, _FORMATS), max_size=25)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cells=_CELLS, title=st.sampled_from(["表", "a b", "x'y", "1"]), write=st.booleans())
def test_any_workbook_is_read_as_openpyxl_reads_it(cells: dict[tuple[int, int], Any], title: str, write: bool) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for (row, column), (value, code) in cells.items():
        cell = sheet.cell(row, column)
        try:
            cell.value = value
        except (ValueError, openpyxl.utils.exceptions.IllegalCharacterError):
            continue
        cell.number_format = code if not isinstance(value, datetime.datetime) else cell.number_format
    sheet.merge_cells("A100:C102")
    target = io.BytesIO()
    book.save(target)
    assert list(differences(target.getvalue())) == []
    assert facts(target.getvalue()) == facts_by_expat(target.getvalue())


def test_the_lock_file_pins_what_the_oracles_are() -> None:
    lock = json.loads((NODE / "package-lock.json").read_text("utf-8"))
    assert all("integrity" in one for name, one in lock["packages"].items() if name)
