"""What goes into a workbook comes out of it: for any valid record, before and after a save by LibreOffice."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import libreoffice
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xltool.fill import fill
from xltool.form.answers import Answers
from xltool.form.definition import load_form
from xltool.form.kinds import cleaned
from xltool.form.record import needed_capacities, placed, recorded
from xltool.pipeline import result_of_workbook, why_not_valid
from xltool.rules.catalogue import load_catalogue

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
).map(lambda text: cleaned(text.replace("_x000D_", "")) or None)
NUMBERS = st.one_of(
    st.none(),
    st.integers(-(10**6), 10**9).map(lambda n: n if n % 100 else n // 100),
    st.decimals(-(10**6), 10**9, places=2).filter(lambda n: n != n.to_integral_value()).map(lambda n: n.normalize()),
    st.decimals(0, 100, places=6).filter(lambda n: n != n.to_integral_value()).map(lambda n: n.normalize()),
)


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    """Any record that the schema allows, right or wrong in its figures."""
    form = load_form(draw(st.sampled_from(["mof-2020/1", "shanghai-2020/1"])))
    groups = [(level1.label, group.label) for level1 in form.level1 for group in level1.level2]
    columns = {
        "level3": TEXTS,
        "target": TEXTS,
        "actual": TEXTS,
        "weight": NUMBERS,
        "score": NUMBERS,
        "deviation": TEXTS,
    }
    rows = []
    for level1, level2 in groups:
        for _ in range(draw(st.integers(0, 2))):
            row = {name: draw(values) for name, values in columns.items()}
            if any(value is not None for value in row.values()):
                rows.append({"level1": level1, "level2": level2, **row})
    amounts = ("initial_budget", "adjusted_budget", "executed", "weight", "execution_rate", "score")
    return {
        "form": {"id": form.id, "version": form.version},
        "year": draw(st.none() | st.integers(-5, 30000)),
        "project": {name: draw(TEXTS) for name in ("name", "code", "department", "unit")},
        "money_unit": draw(st.sampled_from(["元", "万元", None])),
        "funds": [
            {"source": row.id, "label": row.label, **{name: draw(NUMBERS) for name in amounts}}
            for row in form.fund_rows.values()
        ],
        "goal": {"expected": draw(TEXTS), "actual": draw(TEXTS)},
        "indicators": rows,
        "total": {"weight": draw(NUMBERS), "score": draw(NUMBERS)},
        "grade": draw(st.sampled_from(["优", "良", "中", "差", None])),
        "explanations": [
            {"rule": rule, "text": text}
            for rule in load_catalogue(form.reference).explainable
            if (text := draw(st.none() | TEXTS))
        ],
    }


def with_right_figures(record: dict[str, Any]) -> dict[str, Any]:
    """The record with every locked figure as the form computes or prints it."""
    catalogue = load_catalogue(f"{record['form']['id']}/{record['form']['version']}")
    answers, _ = placed(record, catalogue.layout(needed_capacities(record, catalogue.form)))
    texts = {one["rule"]: one["text"] for one in record["explanations"]}
    return recorded(Answers(answers.layout, answers.recomputed()), texts)[0]


_SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@_SETTINGS
@given(records())
def test_a_record_with_right_figures_comes_back(record: dict[str, Any]) -> None:
    record = with_right_figures(record)
    assert why_not_valid(record) is None
    assert result_of_workbook(fill(record).content, "x.xlsx")["record"] == record


@_SETTINGS
@given(records())
def test_any_valid_record_comes_back_as_printed(record: dict[str, Any]) -> None:
    assert why_not_valid(record) is None
    assert result_of_workbook(fill(record, as_printed=True).content, "x.xlsx")["record"] == record


def test_the_seeds_come_back_as_printed_without_and_with_a_save_by_libreoffice(
    seed: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "seed.xlsx"
    file.write_bytes(fill(seed, as_printed=True).content)
    [saved] = libreoffice.converted([file], tmp_path / "saved")
    for one in (file, saved):
        result = result_of_workbook(one.read_bytes(), one.name)
        assert result["record"] == seed
        assert result["reading"]["anchor"] == "names" and result["reading"]["confidence"] == 1
    assert "LibreOffice" in result["reading"]["application"]


def test_after_a_save_by_libreoffice_the_findings_are_the_same(seed: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "seed.xlsx"
    file.write_bytes(fill(seed, as_printed=True).content)
    [saved] = libreoffice.converted([file], tmp_path / "saved")
    before, after = (result_of_workbook(one.read_bytes(), "x")["findings"] for one in (file, saved))
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


def test_libreoffice_computes_the_figures_of_the_seeds_as_we_do(seed: dict[str, Any], tmp_path: Path) -> None:
    import openpyxl

    file = tmp_path / "seed.xlsx"
    file.write_bytes(fill(seed).content)
    [saved] = libreoffice.converted([file], tmp_path / "saved")
    book = openpyxl.load_workbook(saved, data_only=True)
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
