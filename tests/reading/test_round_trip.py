"""What goes into a workbook comes out of it: for any valid record, before and after a save by LibreOffice."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import libreoffice
import openpyxl
import pytest
from contract import fill, result_of_workbook
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from project import FAMILIES, FAMILY_FORMS, ROOT, templates

from xltool.form.answers import Answers
from xltool.form.field import Field
from xltool.form.loading import load_form
from xltool.form.record import answers_of_record, needed_capacities, record_of_answers
from xltool.form.references import all_references
from xltool.language.texts import clean
from xltool.reading.values import is_placeholder
from xltool.result.record import Record
from xltool.rules.loading import load_catalogue
from xltool.rules.validation import schema_fault
from xltool.support import json_codec

# One text does not come back: the literal "_x000D_", which is how Excel stores a carriage return.
_ALPHABET = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff") | st.just("\n")
TEXTS = st.one_of(
    st.text(_ALPHABET, max_size=30),
    st.sampled_from(
        [
            "≥95%",
            "58批",
            "=1+1",
            "'x",
            "_x0041_",
            '&<>"',
            "100%",
            "a  b",
            "@",
            "+1",
            "1e5",
            "TRUE",
            "#N/A",
            "https://a.cn",
        ]
    ),
).map(lambda text: clean(text.replace("_x000D_", "")) or None)
NUMBERS = st.one_of(
    st.none(),
    st.integers(-(10**6), 10**9).map(lambda n: n if n % 100 else n // 100),
    st.decimals(-(10**6), 10**9, places=2).filter(lambda n: n != n.to_integral_value()).map(lambda n: n.normalize()),
    st.decimals(0, 100, places=6).filter(lambda n: n != n.to_integral_value()).map(lambda n: n.normalize()),
)


def _values(field: Field) -> st.SearchStrategy[Any]:
    """What the schema allows in a field."""
    match field.kind.name:
        case "year":
            return st.none() | st.integers(-5, 30000)
        case "choice":
            return st.sampled_from([*field.choices, None])
        case "text":
            return TEXTS
    return NUMBERS


def _says_nothing(value: Any) -> bool:
    return is_placeholder(Decimal(value) if isinstance(value, int) else value)


@st.composite
def records(draw: st.DrawFn, known: Sequence[str]) -> dict[str, Any]:
    """Any record that the schema allows, right or wrong in its figures."""
    form = load_form(draw(st.sampled_from(known)))
    record: dict[str, Any] = {"form": {"id": form.id, "version": form.version}}
    for name, field in form.fields.items():
        parent, _, last = name.rpartition(".")
        (record.setdefault(parent, {}) if parent else record)[last] = draw(_values(field))
    for key, matrix in form.matrices.items():
        record[key] = [
            {matrix.row_key: row.id, "label": row.label}
            | {name: draw(_values(column)) for name, column in matrix.columns.items()}
            for row in matrix.rows.values()
        ]
    for key, table in form.tables.items():
        record[key] = []
        for level1, group in ((one, group) for one in table.level1 for group in one.level2):
            labels = {"level1": level1.label, "level2": group.label}
            for _ in range(draw(st.integers(0, 2))):
                row = {name: draw(_values(table.columns[name])) for name in table.row_columns}
                if not all(map(_says_nothing, row.values())):  # a row of 无, / or 0 is no indicator
                    record[key].append({level: labels[level] for level in table.level_columns} | row)
    record["explanations"] = [
        {"rule": rule, "text": text}
        for rule in load_catalogue(form.reference).explainable
        if (text := draw(st.none() | TEXTS))
    ]
    return record


def with_right_figures(record: dict[str, Any]) -> dict[str, Any]:
    """The record with every locked figure as the form computes or prints it."""
    given = Record.from_json(record)
    catalogue = load_catalogue(given.form.text)
    answers, _ = answers_of_record(given, catalogue.layout(needed_capacities(given, catalogue.form)))
    return record_of_answers(Answers(answers.layout, answers.recomputed_values()), given.explanations)[0].as_json()


def _comes_back(record: dict[str, Any]) -> None:
    record = with_right_figures(record)
    assert schema_fault(record) is None
    assert result_of_workbook(fill(record).content, "x.xlsx")["record"] == record


def _comes_back_as_printed(record: dict[str, Any]) -> None:
    assert schema_fault(record) is None
    result = result_of_workbook(fill(record, as_printed=True).content, "x.xlsx")
    if "grade" in record and record["grade"] is None:  # its formula stays, and grades the total that is printed
        record = {**record, "grade": result["record"]["grade"]}
    assert result["record"] == record


#: How many records of how many forms.
SOME, OTHERS = (6, ("mof-2020/1", "shanghai-2020/1")), (6, FAMILY_FORMS)
MANY = (60, (*all_references(), *FAMILY_FORMS))


@pytest.fixture(autouse=True, scope="module")
def _families() -> Iterator[None]:
    with templates(FAMILIES):
        yield


def _try_records(number: int, known: Sequence[str], property_of_record: Callable[[dict[str, Any]], None]) -> None:
    limits = settings(max_examples=number, deadline=None, suppress_health_check=list(HealthCheck))
    limits(given(records(known))(property_of_record))()


@pytest.mark.parametrize(("number", "known"), [SOME, OTHERS, MANY], ids=["some", "other families", "many"])
def test_a_record_with_right_figures_comes_back(number: int, known: Sequence[str]) -> None:
    _try_records(number, known, _comes_back)


@pytest.mark.parametrize(("number", "known"), [SOME, OTHERS, MANY], ids=["some", "other families", "many"])
def test_any_valid_record_comes_back_as_printed_but_for_a_blank_grade(number: int, known: Sequence[str]) -> None:
    _try_records(number, known, _comes_back_as_printed)


Saved = dict[tuple[str, bool], tuple[Path, Path]]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """The workbooks of the seeds before and after a save by LibreOffice, by project and whether filled as printed."""
    folder, files = tmp_path_factory.mktemp("seeds"), {}
    for name in ("form1", "form2"):
        record = json_codec.loads((ROOT / f"examples/{name}.json").read_bytes())
        for as_printed in (True, False):
            files[record["project"]["name"], as_printed] = file = folder / f"{name}-{as_printed}.xlsx"
            file.write_bytes(fill(record, as_printed).content)
    after = libreoffice.converted(list(files.values()), folder / "saved")
    return {key: (file, one) for (key, file), one in zip(files.items(), after, strict=True)}


def test_the_seeds_come_back_as_printed_without_and_with_a_save_by_libreoffice(
    seed: dict[str, Any], saved: Saved
) -> None:
    for one in saved[seed["project"]["name"], True]:
        result = result_of_workbook(one.read_bytes(), one.name)
        assert result["record"] == seed
        assert result["reading"]["anchor"] == "names" and result["reading"]["confidence"] == 1
    assert "LibreOffice" in result["reading"]["application"]


@pytest.mark.parametrize("reference", [*all_references(), *FAMILY_FORMS])
def test_every_form_comes_back_after_a_save_by_libreoffice(reference: str, tmp_path: Path) -> None:
    """Any three records of each form, drawn once and for all."""
    drawn: list[dict[str, Any]] = []
    draw_some = settings(max_examples=3, database=None, derandomize=True, deadline=None, phases=[Phase.generate])
    draw_some(given(records([reference]))(lambda record: drawn.append(with_right_figures(record))))()
    files = [tmp_path / f"{number}.xlsx" for number in range(len(drawn))]
    for file, record in zip(files, drawn, strict=True):
        file.write_bytes(fill(record).content)
    for saved, record in zip(libreoffice.converted(files, tmp_path / "saved"), drawn, strict=True):
        assert result_of_workbook(saved.read_bytes(), "x")["record"] == record


CODED = {"code": "51000021R000000019951", "name": "工资性支出"}


def test_a_code_is_printed_before_the_name_and_read_apart_from_it(tmp_path: Path) -> None:
    layout = load_catalogue("sichuan-2022/1").layout()
    record = record_of_answers(Answers(layout, Answers(layout, {}).recomputed_values()), {})[0].as_json()
    for project in (CODED, {**CODED, "code": None}, {"code": "x-1", "name": "a-b"}):
        record["project"] |= project
        content = fill(record).content
        shown = openpyxl.load_workbook(io.BytesIO(content))["自评表"]["C3"].value
        assert shown == ("51000021R000000019951-工资性支出" if project == CODED else project["name"])
        assert result_of_workbook(content, "x.xlsx")["record"] == record


def test_after_a_save_by_libreoffice_the_findings_are_the_same(seed: dict[str, Any], saved: Saved) -> None:
    files = saved[seed["project"]["name"], True]
    before, after = (result_of_workbook(one.read_bytes(), "x")["findings"] for one in files)
    assert before == after


def test_without_as_printed_the_formula_comes_back_and_fill_says_so(seed: dict[str, Any]) -> None:
    filled = fill(seed)
    record = result_of_workbook(filled.content, "x.xlsx")["record"]
    if seed["total"]["score"] == Decimal("93.4"):
        assert record["funds"][0]["execution_rate"] == Decimal("0.3395")
        assert len(filled.remarks) == 1 and "33.96%" in filled.remarks[0] and "33.95%" in filled.remarks[0]
        record["funds"][0]["execution_rate"] = Decimal("0.3396")
    else:
        assert filled.remarks == ()
    assert record == seed


def test_libreoffice_computes_the_figures_of_the_seeds_as_we_do(seed: dict[str, Any], saved: Saved) -> None:
    file, after = saved[seed["project"]["name"], False]
    book = openpyxl.load_workbook(after, data_only=True)
    form, panel = book["自评表"], book["自检"]
    last = next(row for row in range(13, 80) if form.cell(row, 1).value == "总分")
    figures = (form["H6"].value, form["I6"].value, form.cell(last, 8).value, panel["C4"].value)
    right = (0.9858, 9.86, 97.86, "优") if seed["total"]["score"] == Decimal("97.86") else (0.3395, 3.4, 93.4, "优")
    assert figures == pytest.approx(right)
    computed = result_of_workbook(file.read_bytes(), "x")["computed"]
    assert (computed["execution_rate"], computed["fund_score"], computed["total_score"], computed["grade"]) == tuple(
        value if isinstance(value, str) else Decimal(str(value)) for value in right
    )


def test_records_out_of_order_are_put_in_the_order_of_the_form_and_fill_says_so(clean: dict[str, Any]) -> None:
    shuffled = {**clean, "indicators": clean["indicators"][::-1]}
    filled = fill(shuffled)
    assert result_of_workbook(filled.content, "x.xlsx")["record"] == clean
    assert any("顺序" in remark for remark in filled.remarks)


def test_more_indicators_than_the_template_has_rows_for_still_fit(clean: dict[str, Any]) -> None:
    rows = [{**clean["indicators"][0], "level3": f"指标名称{n}", "weight": 2, "score": 2} for n in range(10)]
    record = with_right_figures({**clean, "indicators": rows + clean["indicators"][1:]})
    assert result_of_workbook(fill(record).content, "x.xlsx")["record"] == record
