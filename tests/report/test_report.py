"""The report in a browser, the summary in a spreadsheet: right figures, fast with 2,000 forms, nothing harmful."""

from __future__ import annotations

import copy
import csv
import html
import io
import re
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import chromium
import libreoffice
import openpyxl
import pytest
import rounds
from commands import run
from contract import fill, result_of_record, result_of_workbook, typed
from project import ROOT, with_changes
from rich.console import Console

from xltool.form.answers import Answers
from xltool.form.record import record_of_answers
from xltool.form.references import all_references
from xltool.language.texts import clean
from xltool.report import text
from xltool.report.drawing import draw
from xltool.report.html import report_page
from xltool.result.overview import Overview, OverviewEntry
from xltool.roster.model import Project
from xltool.rules.loading import load_catalogue
from xltool.services.read_and_check import read_and_check, unreadable_result
from xltool.services.return_form import build_returned_workbook
from xltool.support import json_codec
from xltool.support.escaping import csv_text, escape_controls
from xltool.tables import summary, summary_lines

DAY = date(2025, 4, 1)


@pytest.fixture(scope="module")
def world() -> list[dict[str, Any]]:
    """Results of some forty projects after two rounds."""
    return [one.result for one in rounds.sent(30, 2, seed=2, more=0.3)]


def _overview(results: list[dict[str, Any]], **further: Any) -> Overview:
    return Overview([OverviewEntry(typed(result)) for result in results], DAY, **further)


@pytest.fixture(scope="module")
def two_thousand(world: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    results = []
    for number in range(2000):
        result = copy.deepcopy(world[number % len(world)])
        result["record"]["project"]["name"] += f" 第{number}号"
        results.append({**result, "file": f"{number:04d}.xlsx", "sha256": f"{number:064x}"})
    file = tmp_path_factory.mktemp("report") / "报告.html"
    file.write_text(
        report_page(_overview(results, listed=2010, missing=[Project(2024, "没交的", "丙中心")] * 10)), "utf-8"
    )
    return file


# ── the browser ─────────────────────────────────────────────────


def test_two_thousand_forms_open_fifty_at_a_time_and_are_found_by_searching(two_thousand: Path) -> None:
    with chromium.opened(two_thousand) as watched:
        view = watched.page
        assert view.inner_text("#count") == "共 2010 项"
        assert view.locator("#table tbody tr").count() == 50
        view.fill("#search", "第1234号")
        chromium.counted(view, r"^1 /")
        view.click("#table tbody tr a")
        assert "第1234号" in view.inner_text("#form") and view.locator("#form td.title").count() == 1
        view.click("#close")
        view.click("#clear")
        view.select_option("#status", "missing")
        assert view.inner_text("#count") == "10 / 2010 项"
        view.click("#clear")
        view.click("th button:has-text('得分')")
        scores = [float(one or -1) for one in view.locator("#table tbody tr td:nth-child(7)").all_inner_texts()]
        assert scores == sorted(scores, reverse=True)
        view.click("#next")
        assert view.inner_text("#where") == "第 2 / 41 页"
        assert watched.trouble == []


def test_each_finding_is_pinned_to_its_cell_and_cell_and_finding_lead_to_each_other(tmp_path: Path) -> None:
    content = (ROOT / "examples/form1.xlsx").read_bytes()
    result = read_and_check(content, "甲.xlsx")[0].result.as_json()
    (tmp_path / "a.html").write_text(report_page(_overview([result])), "utf-8")
    with chromium.opened(tmp_path / "a.html") as watched:
        view = watched.page
        view.click("#table tbody tr a")
        assert view.locator("#findings li").count() == len(result["findings"])
        pinned = [one for pin in view.locator("#form .pin").all_inner_texts() for one in pin.split()]
        places = [len(one.get("places", [None])) for one in result["findings"]]
        assert max(places) > 1  # one of several places is pinned at each of them
        assert [pinned.count(str(number)) for number, _ in enumerate(places, 1)] == places
        levels = ["error", "warning", "info"]
        for number, finding in enumerate(result["findings"]):
            view.click(f"#findings li:nth-child({number + 1})")
            cell = view.locator("#form td.here")
            worst = min(levels.index(one["level"]) for one in result["findings"] if one["cell"] == finding["cell"])
            assert cell.count() == 1 and f"e{worst}" in str(cell.get_attribute("class"))
        printed = view.locator("#form td").all_inner_texts()
        assert "（2020 年度）" in printed and "98.58%" in printed and "826,500" in printed
        assert watched.trouble == []


def test_the_figures_of_the_report_are_those_of_its_forms(tmp_path: Path, world: list[dict[str, Any]]) -> None:
    unread = unreadable_result("坏.xlsx", "文件损坏").as_json()
    results = [*world, unread]
    (tmp_path / "a.html").write_text(report_page(_overview(results)), "utf-8")
    with chromium.opened(tmp_path / "a.html") as watched:
        cards = dict(re.findall(r"(\d+)\n(\S+)", watched.page.inner_text(".cards")))
        told = {name: int(number) for number, name in cards.items()}
        statuses = [one["status"] for one in results]
        assert told == {
            "收到": len(results),
            "核对通过": statuses.count("accepted"),
            "退回": statuses.count("returned"),
            "无法读取": 1,
        }
        bars = dict(re.findall(r"<title>([A-Z]\d\d)[^<]*：(\d+)</title>", watched.page.inner_html(".plots")))
        for rule, number in bars.items():
            assert int(number) == sum(finding["rule"] == rule for one in results for finding in one["findings"])
        watched.page.fill("#search", "坏.xlsx")
        chromium.counted(watched.page, r"^1 /")
        watched.page.click("#table tbody tr a")
        assert "文件损坏" in watched.page.inner_text("#findings")


def test_the_page_prints_every_row_that_is_shown_and_a_form_by_itself(two_thousand: Path, tmp_path: Path) -> None:
    with chromium.opened(two_thousand) as watched:
        view = watched.page
        view.select_option("#status", "returned")
        number = int(view.inner_text("#count").split(" ")[0])
        view.fill("#search", "第1")
        chromium.counted(view, rf"^(?!{number} )")
        number = int(view.inner_text("#count").split(" ")[0])
        assert number > 50
        view.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert view.locator("#table tbody tr").count() == number
        view.evaluate("dispatchEvent(new Event('afterprint'))")
        assert view.locator("#table tbody tr").count() == 50
        view.click("#table tbody tr a")
        view.pdf(path=tmp_path / "a.pdf", prefer_css_page_size=True)
    told = subprocess.run(
        ["pdftotext", "-f", "1", "-l", "1", tmp_path / "a.pdf", "-"], capture_output=True, text=True, check=True
    )
    assert "自评表" in told.stdout and "搜索项目" not in told.stdout and "返回列表" not in told.stdout
    size = subprocess.run(["pdfinfo", tmp_path / "a.pdf"], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Page size: +59[45]\.\d+ x 84[12]", size)


def test_the_page_stands_alone_and_forbids_itself_to_connect(world: list[dict[str, Any]]) -> None:
    made = html.unescape(report_page(_overview(world)))
    assert "default-src 'none'" in made and "unsafe" not in made.partition("</head>")[0].partition("<style>")[0]
    assert not re.search(r'(src|href)\s*=\s*["\']?(https?:|//|file:)', made)
    assert report_page(_overview(world)) == report_page(_overview(world))


# ── hostile texts ───────────────────────────────────────────────

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script><img src=x onerror=alert(3)>",
    "\"><svg onload=alert(4)>'`${alert(5)}{{7*7}}{% raw %}",
    "<!--<script>",
    '=HYPERLINK("http://evil.example","x")',
    "=cmd|'/C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)",
    "\u202e\u2066右到左\u202cgnp.exe",
    "零\u200b宽\ufeff",
    "\x1b[31m红\x1b[0m",
    "javascript:alert(6)",
    "]]>&amp;&lt;&#x3c;",
]
LONGEST = "长" * 32767


def _hostile(record: dict[str, Any], text_: str) -> dict[str, Any]:
    """The record with this text in every field that takes one."""
    record = copy.deepcopy(record)
    for key in ("name", "department", "unit", "code"):
        record["project"][key] = text_
    record["goal"] = {"expected": text_, "actual": text_}
    for row in record["indicators"]:
        row |= dict.fromkeys(("level3", "target", "actual", "deviation"), text_)
    record["explanations"] = []
    return record


def _results(record: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for number, text_ in enumerate([*HOSTILE, LONGEST]):
        result = result_of_record(_hostile(record, clean(text_)), str(number).encode(), f"{text_[:200]}.xlsx")
        finding = {"rule": "D01", "level": "error", "path": "/goal/actual", "cell": "自评表!A1", "explanation": text_,
                   "waived": {"reason": text_, "approver": text_, "until": "2030-12-31"}, "basis": "x", "fix": "请更正",
                   **dict.fromkeys(("label", "message", "found", "expected"), text_)}  # fmt: skip
        found.append({**result, "findings": [*result["findings"], finding]})
    return found


def test_hostile_texts_are_only_texts_in_the_browser(tmp_path: Path, clean: dict[str, Any]) -> None:
    lost = [Project(2024, one, one, code=one, department=one) for one in HOSTILE]
    remark = {"rule": "X04", "message": HOSTILE[1], "fix": HOSTILE[0]}
    made = report_page(_overview(_results(clean), listed=20, missing=lost, collection_findings=[remark]))
    (tmp_path / "a.html").write_text(made, "utf-8")
    with chromium.opened(tmp_path / "a.html") as watched:
        view = watched.page
        assert view.locator("script").count() == 2
        for number in range(len(HOSTILE) + 1):
            view.evaluate(f"location.hash = 'form-{number}'")
            view.wait_for_selector("#detail:not([hidden]) #form table")
            for tag in ("img", "svg[onload]", "iframe", "object", "script"):
                assert view.locator(f"#detail {tag}").count() == 0
            assert not set(view.inner_text("#detail")) & {"\u202e", "\u2066", "\x1b", "\u200b", "\ufeff"}
        view.evaluate("location.hash = ''")
        assert view.locator("main img, main iframe").count() == 0
        assert view.locator("#table a[href^=javascript]").count() == 0
        assert watched.trouble == []


def test_hostile_texts_stay_texts_in_summary_returned_form_csv_and_terminal(
    tmp_path: Path, clean: dict[str, Any]
) -> None:
    overview = _overview(_results(clean), missing=[Project(2024, one, one, department=one) for one in HOSTILE])
    book = openpyxl.load_workbook(io.BytesIO(summary.summary_workbook(overview)))
    ours = re.compile(r"=(SUBTOTAL|IF\(|IFERROR\(SUBTOTAL|\"核对通过 \"&COUNTIF)")
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f" or ours.match(str(cell.value)), (sheet.title, cell.coordinate, cell.value)
                assert cell.hyperlink is None
    rows = list(csv.reader(io.StringIO(summary_lines.summary_table(overview).decode("utf-8-sig"))))
    assert not [
        cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "\t", "\r")) or re.match(r"-\D", cell)
    ]
    screen = io.StringIO()
    text.show_results(map(typed, _results(clean)), Console(file=screen, width=200))
    assert not set(screen.getvalue()) & {"\x1b", "\u202e", "\u2066", "\r"}


@pytest.mark.parametrize("text_", [*[one for one in HOSTILE if "\x1b" not in one], "字" * 32767, "\t=1+1"])
def test_a_hostile_form_goes_back_unharmed_and_harmless(clean: dict[str, Any], text_: str) -> None:
    record = _hostile(with_changes(clean, {"indicators.0.score": 18}), text_.strip("\t\ufeff\u200b"))
    one = read_and_check(fill(record).content, f"{text_[:60]}.xlsx")[0]
    content = build_returned_workbook(one, one.result)
    back = result_of_workbook(content, "x")["record"]
    assert one.result.record and all(back[key] == one.result.record.as_json()[key] for key in ("goal", "indicators"))
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["退回意见"]
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                assert re.match(r"=(IF\(|HYPERLINK\(\"#'|\"共 \")", cell.value), cell.value
            elif isinstance(cell.value, str) and cell.column < 10:
                assert len(cell.value) < 2000 and not set(cell.value) & {"\u202e", "\u2066", "\u200b"}


def test_csv_keeps_numbers_and_marks_what_looks_like_a_formula() -> None:
    line = csv_text([["=1", "+1", "-1", "@a", "\tb", "\rc", "a=b", Decimal("-1.5"), 7, None, 'x"y', "a\nb"]])
    assert line == "\ufeff'=1,'+1,'-1,'@a,'\\u0009b,'\\u000dc,a=b,-1.5,7,,\"x\"\"y\",\"a\nb\"\r\n"
    assert escape_controls("甲\u202e乙\x00\n丙\ud800") == "甲\\u202e乙\\u0000\n丙\\ud800"


# ── the summary ─────────────────────────────────────────────────


@pytest.mark.libreoffice
def test_the_summary_s_sums_are_right_stored_and_recalculated(tmp_path: Path, world: list[dict[str, Any]]) -> None:
    overview = _overview(world, listed=50, missing=[Project(2024, "没交的", "丙中心", department="丁局")])
    (tmp_path / "s.xlsx").write_bytes(summary.summary_workbook(overview))
    [saved] = libreoffice.converted([tmp_path / "s.xlsx"], tmp_path / "out")
    in_myriads = {"元": Decimal(10000), "万元": Decimal(1)}
    fit = [one for one in world if typed(one).state == "accepted"]
    budget = sum(
        (
            Decimal(str(one["record"]["funds"][0]["adjusted_budget"])) / in_myriads[one["record"]["money_unit"]]
            for one in fit
        ),
        Decimal(0),
    )
    scores = [one["record"]["total"]["score"] for one in fit]
    errors = sum(finding["level"] == "error" for one in world for finding in one["findings"])
    left = len(world) + 1 - len(fit)
    assert fit and left > 1
    for file in (tmp_path / "s.xlsx", saved):
        sheet = openpyxl.load_workbook(file, data_only=True)["汇总表"]
        rows = [row for row in sheet.iter_rows(min_row=4, values_only=True) if any(row)]
        total = rows[-1]
        assert total[1].startswith(f"合计（{len(world) + 1} 项，{left} 项未计入合计：")
        assert total[11] == errors and total[13] == f"核对通过 {len(fit)}"
        assert abs(total[8] - float(sum(scores) / len(scores))) < 1e-9
        assert abs(total[5] - float(budget)) < 1e-6 and abs(total[7] - total[6] / total[5]) < 1e-9
        departments = [row for row in rows[:-1] if row[0] is None]
        assert abs(sum(row[5] or 0 for row in departments) - float(budget)) < 1e-6
        assert sum(row[11] or 0 for row in departments) == errors
        assert len([row for row in rows if row[0] is not None]) == len(world) + 1
        assert [row[1] for row in rows if row[13] == "未交"] == ["没交的"]


def test_the_summary_prints_on_a4_landscape_with_its_heads_on_every_page(
    tmp_path: Path, world: list[dict[str, Any]]
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(summary.summary_workbook(_overview(world))))
    assert book.sheetnames == ["汇总表", "图表", "问题清单"]
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape" and str(sheet.page_setup.paperSize) == "9"
        assert "&P" in sheet.oddFooter.center.text
    assert book["汇总表"].print_title_rows == "$1:$3" and book["问题清单"].print_title_rows == "$1:$1"
    assert len(book["图表"]._charts) == 3
    listed = [row for row in book["问题清单"].iter_rows(min_row=2, values_only=True) if row[0]]
    assert len(listed) == sum(len(one["findings"]) for one in world)
    assert summary.summary_workbook(_overview(world)) == summary.summary_workbook(_overview(world))


# ── drawing ─────────────────────────────────────────────────────


def test_a_drawing_tiles_the_form_and_holds_every_text_of_the_record(world: list[dict[str, Any]]) -> None:
    for result in world[:10]:
        drawn = draw(typed(result))
        taken = [
            (row, column)
            for top, left, rows, columns, *_ in drawn.shape.cells
            for row in range(top, top + rows)
            for column in range(left, left + columns)
        ]
        assert len(taken) == len(set(taken))
        height = max(row for row, _ in taken)
        assert {
            (row, column) for row in range(1, height + 1) for column in range(1, len(drawn.shape.widths) + 1)
        } == set(taken)
        texts = set(drawn.values)
        for row in result["record"]["indicators"]:
            assert {row[key] for key in ("level3", "target", "actual") if row[key]} <= texts
        for finding, pin in zip(result["findings"], drawn.pins, strict=True):
            assert pin is not None or finding["path"] == "/grade", finding


@pytest.mark.parametrize("reference", all_references())
def test_every_form_is_drawn_without_gap_or_overlap_and_every_finding_has_its_cell(reference: str) -> None:
    layout = load_catalogue(reference).layout()
    record, _ = record_of_answers(Answers(layout, {}), {})
    result = result_of_record(record.as_json(), b"", "x")
    drawn = draw(typed(result))
    taken = [
        (row, column)
        for top, left, rows, columns, *_ in drawn.shape.cells
        for row in range(top, top + rows)
        for column in range(left, left + columns)
    ]
    assert len(taken) == len(set(taken)) == max(row for row, _ in taken) * len(drawn.shape.widths)
    assert len(result["findings"]) > 5
    assert [one["path"] for one, pin in zip(result["findings"], drawn.pins, strict=True) if pin is None] == []


# ── the command ─────────────────────────────────────────────────


def test_one_ingest_writes_everything_that_was_asked_for(tmp_path: Path) -> None:
    roster = "年度,项目名称,实施单位\r\n2020,合作交流工作业务费,上海市人民政府驻昆明办事处\r\n2020,没有交的,某单位\r\n"
    (tmp_path / "r.csv").write_text(roster, "utf-8")
    files = [ROOT / f"examples/form{number}.xlsx" for number in (1, 2)]
    outputs = ["--report", "a.html", "--summary", "s.csv", "--ledger", "l.sqlite", "--returns", "退回", "-o", "o.jsonl"]
    done = run("ingest", *files, *outputs, "--roster", "r.csv", "--as-of", "2025-03-01", folder=tmp_path)
    assert done.returncode == 1, done.stderr.decode()
    told = done.stderr.decode()
    assert "X01 名册上的项目没有提交：没有交的（某单位，2020）" in told
    results = [json_codec.loads(line) for line in (tmp_path / "o.jsonl").read_text("utf-8").splitlines()]
    unlisted = [one for one in results[1]["findings"] if one["rule"] == "X01"]
    assert [(one["level"], one["cell"]) for one in unlisted] == [("warning", "自评表!C3")]
    assert {file.name for file in tmp_path.iterdir()} == {"r.csv", "a.html", "s.csv", "l.sqlite", "退回", "o.jsonl"}
    rows = list(csv.reader(io.StringIO((tmp_path / "s.csv").read_text("utf-8-sig"))))
    assert [row[-1] for row in rows[1:]] == ["未交", "退回", "不在名册上"]
    covered = run("ledger", "coverage", "l.sqlite", "--roster", "r.csv", folder=tmp_path)
    assert covered.returncode == 1
    assert [json_codec.loads(line)["status"] for line in covered.stdout.decode().splitlines()] == [
        "returned",
        "missing",
        "unlisted",
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ingest", "a.xlsx", "--summary", "s.txt"], "s.txt"),
        (["ingest", "a.xlsx", "--roster", "none.csv"], "none.csv"),
        (["ingest", "a.xlsx", "--ledger", "a.xlsx"], "a.xlsx"),
        (["ingest", "a.xlsx", "--ledger", "no/l.sqlite"], "l.sqlite"),
        (["ledger", "status", "none.sqlite"], "none.sqlite"),
        (["diff", "a.xlsx", "none.xlsx"], "none.xlsx"),
        (["ingest", "a.xlsx", "--as-of", "2025-13-01"], "--as-of"),
    ],
)
def test_wrong_use_is_one_clear_line(tmp_path: Path, clean: dict[str, Any], arguments: list[str], told: str) -> None:
    (tmp_path / "a.xlsx").write_bytes(fill(clean).content)
    done = run(*arguments, folder=tmp_path)
    lines = [line for line in done.stderr.decode().splitlines() if line.startswith("xltool:")]
    assert done.returncode == 2 and len(lines) == 1 and told in lines[0], done.stderr.decode()
