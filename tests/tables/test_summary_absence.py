"""The summary prints a dash for what the form of a project does not have, and sums and averages without it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from lacking import lacking_forms, result_of

from xltool.result.overview import Overview, OverviewEntry
from xltool.result.record import Record
from xltool.result.result import Result
from xltool.services.read_and_check import result_of_record
from xltool.support.own_tables import SUMMARY
from xltool.tables import summary, summary_lines


@pytest.fixture(autouse=True)
def forms(tmp_path: Path) -> Iterator[None]:
    with lacking_forms(tmp_path):
        yield


def _overview(*results: Result) -> Overview:
    return Overview([OverviewEntry(one) for one in results], date(2025, 4, 1))


def _table(overview: Overview) -> list[dict[str, Any]]:
    """The rows of the workbook by head, with the stored results of formulas."""
    content = io.BytesIO(summary.summary_workbook(overview))
    sheet = openpyxl.load_workbook(content, data_only=True)[summary.TABLE]
    rows = sheet.iter_rows(min_row=4, max_col=len(SUMMARY), values_only=True)
    return [dict(zip(SUMMARY, row, strict=True)) for row in rows]


def _figures(row: dict[str, Any]) -> list[Any]:
    return [row[head] for head in ("全年预算数", "全年执行数", "执行率", "得分", "等级")]


def test_figures_that_no_form_has_are_dashes_down_to_the_sums(clean: dict[str, Any]) -> None:
    overview = _overview(result_of("bare", clean))
    total, project, of_department = _table(overview)[::-1]
    assert _figures(project) == ["—"] * 5
    assert _figures(of_department)[:4] == _figures(total)[:4] == ["—"] * 4
    assert total["项目名称"] == "合计（1 项，1 项的表样不打分）"
    lines = list(csv.reader(io.StringIO(summary_lines.summary_table(overview).decode("utf-8-sig"))))
    assert lines[1][5:10] == ["—"] * 5


def test_the_mean_is_that_of_the_forms_with_a_score_and_the_others_are_counted(clean: dict[str, Any]) -> None:
    scored = result_of_record(Record.from_json(clean), b"scored", "scored.json")
    table = _table(_overview(scored, result_of("unscored", clean)))
    assert sorted(map(str, (row["得分"] for row in table[1:3]))) == ["99.32", "—"]
    assert table[-1]["项目名称"] == "合计（2 项，1 项的表样不打分）" and table[-1]["得分"] == 99.32
    budgets = [row["全年预算数"] for row in table[1:3]]
    assert table[-1]["全年预算数"] == sum(budgets) > 0


def test_no_chart_of_scores_is_drawn_where_no_form_has_one(clean: dict[str, Any]) -> None:
    def titles(overview: Overview) -> list[str]:
        content = io.BytesIO(summary.summary_workbook(overview))
        return [str(row[0]) for row in openpyxl.load_workbook(content)[summary.CHARTS].iter_rows(values_only=True)]

    scored = result_of_record(Record.from_json(clean), b"scored", "scored.json")
    assert "得分分布" in titles(_overview(scored))
    assert not [title for title in titles(_overview(result_of("unscored", clean))) if title.startswith("得分分布")]
    assert "得分分布（另有 1 份的表样不打分）" in titles(_overview(scored, result_of("unscored", clean)))
