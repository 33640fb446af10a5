"""Reports print a dash for what a form does not have, and nothing is drawn of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import chromium
import pytest
from lacking import lacking_forms, result_of
from rich.console import Console

from xltool.report import text
from xltool.report.html import report_page
from xltool.result.overview import Overview, OverviewEntry


@pytest.fixture(autouse=True)
def forms(tmp_path: Path) -> Iterator[None]:
    with lacking_forms(tmp_path):
        yield


def test_the_page_has_dashes_in_the_columns_of_figures_and_no_plot_of_scores(
    clean: dict[str, Any], tmp_path: Path
) -> None:
    results = [result_of("bare", clean), result_of("unscored", {**clean, "year": 2023})]
    page = report_page(Overview([OverviewEntry(one) for one in results], date(2025, 4, 1)))
    (tmp_path / "报告.html").write_text(page, "utf-8")
    with chromium.opened(tmp_path / "报告.html") as watched:
        rows = [row.locator("td").all_inner_texts() for row in watched.page.locator("#table tbody tr").all()]
        figures = {row[3]: row[4:8] for row in rows}
        assert figures["2024"] == ["—", "—", "—", "—"]
        assert figures["2023"][1:] == ["97.50%", "—", "—"] and figures["2023"][0] not in ("", "—")
        assert "得分分布" not in watched.page.inner_text("body")
        watched.page.locator("#table tbody tr a").first.click()
        assert watched.page.locator("#form td.title").count() == 1
        assert watched.trouble == []


def test_the_terminal_has_dashes_for_total_and_grade(clean: dict[str, Any]) -> None:
    console = Console(file=io.StringIO(), width=200)
    text.show_results([result_of("unscored", clean)], console)
    assert isinstance(console.file, io.StringIO)
    line = next(line for line in console.file.getvalue().splitlines() if "unscored.json" in line)
    assert line.count("—") == 2 and "99.32" not in line
