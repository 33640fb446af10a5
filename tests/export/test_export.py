"""Results handed on: the platform's tables in a database without loss, and tables for analysts."""

from __future__ import annotations

import copy
import csv
import io
import sqlite3
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import commands
import foreign
import pytest
from contract import result_of_record, result_of_workbook, results_of_workbook, typed
from project import ROOT, templates, with_changes

from xltool.export import flat, writers
from xltool.export.platform import load_platform
from xltool.export.rows import ExportRows, export_rows
from xltool.export.selection import select_forms
from xltool.form.loading import load_form
from xltool.form.references import all_references
from xltool.intake.records import parse_roster
from xltool.result.roles import roles_at_hand
from xltool.roster.model import Project, Roster
from xltool.support import json_codec
from xltool.support.errors import WrongDefinition

Result = dict[str, Any]
Change = Callable[[dict[str, Any]], dict[str, Any]]

SEEDS = ROOT / "examples/results.jsonl"


def seeds() -> list[Result]:
    return [json_codec.loads(line) for line in SEEDS.read_bytes().splitlines()]


def result(record: dict[str, Any], file: str = "r.json") -> Result:
    return result_of_record(record, json_codec.dumps(record).encode(), file)


def platform(*results: Result, roster: Any = None) -> ExportRows:
    return export_rows([typed(one) for one in results], load_platform(), roster)


def told(export: ExportRows) -> list[tuple[str, str, str]]:
    return [(one.finding.rule, one.finding.level, one.finding.path) for one in export.findings]


def run(*arguments: object, given: bytes = b"") -> commands.Done:
    return commands.run(*arguments, given=given, folder=ROOT)


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


# ── the platform ────────────────────────────────────────────────


def test_the_platform_export_of_both_seeds_stands_in_a_database_without_loss(tmp_path: Path) -> None:
    done = run("export", SEEDS, "--to", "platform", "-o", tmp_path / "平台")
    assert done.returncode == 0, done.stderr.decode()
    files = {file.stem: file.read_bytes() for file in (tmp_path / "平台").glob("*.csv")}
    assert all(content.startswith(b"\xef\xbb\xbf") for content in files.values())
    database = sqlite3.connect(":memory:")
    database.executescript((tmp_path / "平台/tables.sql").read_text("utf-8"))
    for name, content in files.items():
        rows = table(content)
        marks = ", ".join("?" * len(rows[0]))
        database.executemany(
            f"INSERT INTO {name} VALUES ({marks})", [[v or None for v in row.values()] for row in rows]
        )
        stored = database.execute(f"SELECT {', '.join(rows[0])} FROM {name} ORDER BY rowid").fetchall()
        for row, back in zip(rows, stored, strict=True):
            for text, value in zip(row.values(), back, strict=True):
                same = Decimal(text) == Decimal(str(value)) if isinstance(value, int | float) else text == (value or "")
                assert same, (name, text, value)
    for one in seeds():
        _holds(database, one["record"])


def _holds(database: sqlite3.Connection, record: dict[str, Any]) -> None:
    """What the database says of a project is what its record says."""
    name = record["project"]["name"]
    [eval_id, total] = database.execute(
        "SELECT eval_id, total_eval_value FROM PM_PERF_SELF_EVAL WHERE pro_name = ?", [name]
    ).fetchone()
    assert len(eval_id) == 38 and Decimal(str(total)) == record["total"]["score"]
    indicators = database.execute(
        "SELECT lv1_perf_ind_name, lv2_perf_ind_name, lv3_perf_ind_name, kpi_val, ind_comp, ind_weight, eval_score, "
        "devi_analy FROM PM_SELF_EVAL_INDICATOR WHERE eval_id = ? ORDER BY rowid",
        [eval_id],
    ).fetchall()
    names = ("level1", "level2", "level3", "target", "actual", "weight", "score", "deviation")
    assert indicators == [tuple(row[one] for one in names) for row in record["indicators"]]
    [goal] = database.execute(
        "SELECT kpi_target, goal_comp FROM PM_SELF_EVAL_GOAL WHERE eval_id = ?", [eval_id]
    ).fetchall()
    assert goal == (record["goal"]["expected"], record["goal"]["actual"])
    funds = database.execute(
        "SELECT reply_amt, year_adj_amt, cur_amt, year_exe_amt, exe_amt_rate, exe_score FROM PM_PERF_SELF_BGT "
        "WHERE eval_id = ? ORDER BY rowid",
        [eval_id],
    ).fetchall()
    filled = [row for row in record["funds"] if row["executed"] is not None]
    wanted = [(row["initial_budget"], row["adjusted_budget"] - row["initial_budget"], row["adjusted_budget"],
               row["executed"], row["execution_rate"], row["score"]) for row in filled]  # fmt: skip
    assert [[None if v is None else Decimal(str(v)) for v in row] for row in funds] == [list(row) for row in wanted]


def test_amounts_become_yuan_exactly_and_what_has_more_decimals_is_refused(clean: dict[str, Any]) -> None:
    amounts = {
        f"funds.fiscal.{name}": Decimal("89.974123") for name in ("initial_budget", "adjusted_budget", "executed")
    }
    totals = {path.replace("fiscal", "total"): value for path, value in amounts.items()}
    others = {
        f"funds.{row}.{name}": ""
        for row in ("carryover", "other")
        for name in ("initial_budget", "adjusted_budget", "executed")
    }
    export = platform(result(with_changes(clean, {**amounts, **totals, **others})))
    [own] = [one for one in load_platform().tables if one.name == "PM_PERF_SELF_BGT"]
    lines = table(writers.platform_csv(own, export.rows[own.name]))
    assert [line["year_exe_amt"] for line in lines] == ["899741.23", "899741.23"] and lines[0]["year_adj_amt"] == "0.00"
    finer = platform(result(with_changes(clean, {"funds.fiscal.executed": Decimal("89.9741234")})))
    assert ("S15", "error", "/funds/1/executed") in told(finer) and not finer.forms


REFUSED = {
    "a name over its length": ({"project.name": "名" * 181}, ("D07", "error", "/project/name")),
    "a text over its length": ({"goal.actual": "字" * 2001}, ("D07", "error", "/goal/actual")),
    "an actual value over its length": ({"indicators.0.actual": "字" * 2001}, ("D07", "error", "/indicators/0/actual")),
    "a blank actual value": ({"indicators.0.actual": ""}, ("V02", "error", "/indicators/0/actual")),
    "a blank score": ({"indicators.0.score": ""}, ("S01", "error", "/indicators/0/score")),
    "a blank total": ({"total.score": ""}, ("S01", "error", "/total/score")),
    "a blank name": ({"project.name": ""}, ("H01", "error", "/project/name")),
    "a blank year": ({"year": ""}, ("H01", "error", "/year")),
    "an unknown money unit": ({"money_unit": ""}, ("H05", "error", "/money_unit")),
    "letters in a quantity": (
        {"indicators.0.target": "≥95", "indicators.0.actual": "96pcs"}, ("V02", "error", "/indicators/0/actual"),
    ),
    "NULL": ({"indicators.0.deviation": "null"}, ("T04", "error", "/indicators/0/deviation")),
    "too fine a score": ({"indicators.0.score": Decimal("3.1234567")}, ("S15", "error", "/indicators/0/score")),
    "too large an amount": ({"funds.fiscal.executed": Decimal("1e16")}, ("F01", "error", "/funds/1/executed")),
    "a special character": ({"indicators.0.level3": "甲_乙*丙"}, ("", "warning", "/indicators/0/level3")),
    "a formula": ({"indicators.0.level3": "=HYPERLINK(A1)"}, ("", "warning", "/indicators/0/level3")),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "wanted"), REFUSED.values(), ids=REFUSED.keys())
def test_what_the_import_refuses_is_a_finding_and_an_error_keeps_the_whole_form_out(
    clean: dict[str, Any], changes: dict[str, Any], wanted: tuple[str, str, str]
) -> None:
    before = set(told(platform(result(clean))))
    assert all(level != "error" for _, level, _ in before)
    export = platform(result(with_changes(clean, changes), "坏.json"), seeds()[1])
    assert {one for one in told(export) if one not in before and one[2].partition("/")[0] == ""} >= {wanted}
    kept = {form.file for form in export.forms}
    assert ("坏.json" in kept) == (wanted[1] != "error") and seeds()[1]["file"] in kept
    assert ("坏.json" in export.left_out) == (wanted[1] == "error")
    lines = {row[1] for row in export.rows["PM_SELF_EVAL_INDICATOR"]}
    assert len(lines) == len(kept)
    if wanted[1] == "warning":  # as it stands, to the last character
        [value] = changes.values()
        assert any(value in row for row in export.rows["PM_SELF_EVAL_INDICATOR"])


@pytest.mark.parametrize("text", ["=100%", "-5", "+10%", "=8个", "≥95%", "≤3.5亿元"])
def test_signs_before_numbers_are_no_formula(clean: dict[str, Any], text: str) -> None:
    messages = [
        one.finding.message for one in platform(result(with_changes(clean, {"indicators.0.target": text}))).findings
    ]
    assert not [one for one in messages if "公式" in one]


def test_operator_target_and_measure_are_glued_as_people_write_them() -> None:
    rows = [("≥", "50", "个", "≥50个"), ("≥", "≥50", "个", "≥50个"), ("=", "8个", "个", "=8个"), ("定性", "优良", None, "优良"),
            (None, "全覆盖", None, "全覆盖")]  # fmt: skip
    form = copy.deepcopy(next(one["record"] for one in real() if one["form"]["id"] == "std-op-2020"))
    base = form["indicators"][0]
    names = ("operator", "target", "measure_unit")
    form["indicators"] = [
        {**base, **dict(zip(names, row[:3], strict=True)), "actual": "50", "score": 1} for row in rows
    ]
    export = platform(result(form))
    element = [one.name for one in load_platform().tables[2].elements].index("kpi_val")
    assert [row[element] for row in export.rows["PM_SELF_EVAL_INDICATOR"]] == [row[3] for row in rows]


@cache
def real() -> list[Result]:
    """The results of the published forms, typed into workbooks."""
    style = foreign.STYLES["as printed"]
    named = sorted(foreign.SUPPORTED.items())
    return [
        one for name, form in named for one in results_of_workbook(foreign.workbook([(form, style)]), f"{name}.xlsx")
    ]


def test_the_same_results_give_the_same_keys_in_any_order_with_or_without_a_roster() -> None:
    one, two = seeds()
    there, back = platform(one, two, one), platform(two, one)
    assert there.rows == back.rows
    keys = [row[0] for rows in there.rows.values() for row in rows]
    assert len(set(keys)) == len(keys) and all(len(key) == 38 and key.isalnum() for key in keys)
    listed = parse_roster(_ROSTER.encode(), "名册.csv")
    with_codes = platform(one, two, roster=listed)
    assert [row[0] for row in with_codes.rows["PM_PERF_SELF_EVAL"]] == [
        row[0] for row in there.rows["PM_PERF_SELF_EVAL"]
    ]


_ROSTER = (
    "年度,项目编码,项目名称,实施单位,财政区划代码,财政区划名称,主管部门代码,单位代码\n"
    "2020,310000200001,合作交流工作业务费,上海市人民政府驻昆明办事处,310000000,上海市,A001,A001002\n"
)


def test_codes_come_from_the_roster_and_a_project_that_is_not_listed_is_said() -> None:
    export = platform(*seeds(), roster=parse_roster(_ROSTER.encode(), "名册.csv"))
    names = [one.name for one in load_platform().tables[0].elements]
    first, second = (dict(zip(names, row, strict=True)) for row in export.rows["PM_PERF_SELF_EVAL"])
    codes = ("mof_div_code", "mof_div_name", "dept_code", "agency_code", "pro_code")
    assert [first[one] for one in codes] == ["310000000", "上海市", "A001", "A001002", "310000200001"]
    assert [second[one] for one in codes] == [None] * 5
    assert [one.file for one in export.findings if one.finding.rule == "X01"] == ["examples/form2.xlsx"]


def test_of_several_forms_of_a_project_one_counts_and_the_others_are_said(
    clean: dict[str, Any],
) -> None:
    one, same = result(clean, "一.json"), result(clean, "二.json")
    other = result(with_changes(clean, {"indicators.0.deviation": "另写"}), "三.json")
    twice = platform(one, same)
    assert len(twice.forms) == 1 and [
        (t.file, t.finding.rule, t.finding.level) for t in twice.findings if t.finding.rule == "X02"
    ] == [("一.json", "X02", "info")]
    apart = platform(one, other)
    assert [form.file for form in apart.forms] == ["三.json"] and not apart.left_out  # the last by name
    assert [
        (t.file, t.finding.rule, t.finding.level, t.finding.found) for t in apart.findings if t.finding.rule == "X02"
    ] == [("一.json", "X02", "warning", "三.json")]
    again = {**other, "reading": {**seeds()[0]["reading"], "round": 2, "after": None}}
    assert [form.file for form in platform(one, again).forms] == ["三.json"]


def _kept(batches: Sequence[Sequence[Result]], roster: Roster | None = None) -> list[str]:
    return [form.file for form in select_forms([[typed(one) for one in batch] for batch in batches], roster).kept]


def _answer(before: Result, file: str, **changes: Any) -> Result:
    own = result(with_changes(before["record"], changes), file)
    reading = {**seeds()[0]["reading"], "round": 2, "after": before["sha256"][:16]}
    return {**own, "reading": reading}


def test_of_the_results_of_several_rounds_the_last_form_counts_in_whatever_order_they_are_given(
    clean: dict[str, Any],
) -> None:
    first = result(clean, "九/一.json")
    answer = _answer(first, "二/一.json", **{"indicators.0.deviation": "另写"})
    assert _kept([[first], [answer]]) == _kept([[answer], [first]]) == _kept([[first, answer]]) == ["二/一.json"]
    fresh = result(with_changes(clean, {"goal.actual": "又填了一份"}), "一/一.json")
    assert _kept([[first], [fresh]]) == ["一/一.json"] and _kept([[fresh], [first]]) == ["九/一.json"]
    together = [first, fresh, answer]  # everything ingested again at the end changes nothing
    assert _kept([[first], [answer], [fresh], together]) == ["一/一.json"]
    superseded = {**answer, "superseded_by": "九/一.json"}
    assert _kept([[first], [superseded]]) == ["九/一.json"]


def test_a_form_under_another_name_of_its_unit_is_no_second_project(clean: dict[str, Any]) -> None:
    typed_unit = with_changes(clean, {"project.code": None, "project.unit": "培训中心（盖章）"})
    first = result(typed_unit, "一.json")
    answer = _answer(first, "二.json", **{"project.code": "C1", "project.unit": clean["project"]["unit"]})
    assert _kept([[first], [answer]]) == ["二.json"]
    own = clean["project"]
    roster = Roster((Project(clean["year"], own["name"], own["unit"], "C1"),))
    alone = {**answer, "reading": {**answer["reading"], "after": None}}
    assert _kept([[first], [alone]], roster) == ["二.json"]


def test_a_form_that_was_issued_before_the_roster_was_corrected_does_not_count(clean: dict[str, Any]) -> None:
    finding = {**seeds()[0]["findings"][0], "rule": "X07", "level": "error", "actor": "bureau"}
    old = {**result(clean, "二.json"), "status": "returned", "findings": [finding]}
    assert _kept([[result(with_changes(clean, {"goal.actual": "新"}), "一.json")], [old]]) == ["一.json"]


def test_a_form_of_another_year_is_said(clean: dict[str, Any]) -> None:
    forms = [result(with_changes(clean, {"project.name": f"项目{n}", "project.code": None}), f"{n}.json") for n in "12"]
    old = result(with_changes(clean, {"year": clean["year"] - 1, "project.code": None}), "旧.json")
    export = platform(*forms, old)
    said = [(one.file, one.finding.found) for one in export.findings if one.finding.path == "/year"]
    assert said == [("旧.json", str(clean["year"] - 1))]
    of_project = result(with_changes(clean, {"project.name": "项目1", "project.code": None, "year": 2020}), "去年.json")
    both = platform(*forms, of_project)
    assert {form.file for form in both.forms} == {"1.json", "2.json"}
    assert [one.file for one in both.findings if "别的年度" in one.finding.message] == ["去年.json"]
    roster = Roster((Project(clean["year"] - 1, "别的", "别的"),))
    wrong = [one.file for one in platform(*forms, old, roster=roster).findings if one.finding.path == "/year"]
    assert wrong == ["1.json", "2.json"]


def test_a_bureau_can_say_how_its_platform_counts(clean: dict[str, Any], tmp_path: Path) -> None:
    text = '[params]\nlength = "bytes"\nrate = "percent"\n[tables.PM_PERF_SELF_BGT.elements]\neval_id = false\n[refuses.letters]\nlevel = "warning"\n'
    (tmp_path / "platform.toml").write_text(text, "utf-8")
    record = with_changes(clean, {"project.name": "名" * 61})
    assert platform(result(record)).forms
    with templates(tmp_path):
        assert not platform(result(record)).forms
        export = platform(*seeds())
        names = [one.name for one in load_platform().tables[3].elements]
        assert "eval_id" not in names
        assert export.rows["PM_PERF_SELF_BGT"][0][names.index("exe_amt_rate")] == Decimal("98.58")
        (tmp_path / "platform.toml").write_text('[params]\nlength = "letters"\n', "utf-8")
        with pytest.raises(WrongDefinition, match=r"platform.toml：params.length"):
            load_platform()
        (tmp_path / "platform.toml").write_text('[refuses.letters]\nmessage = "{count} 个字母"\n', "utf-8")
        with pytest.raises(WrongDefinition, match=r"refuses.letters.message：这里没有 \{count\}"):
            load_platform()


def test_every_name_the_tables_come_from_is_a_field_of_some_form() -> None:
    printed = {"level1", "level2", "label"}  # not filled in
    fields = {name for known in all_references() for name, _ in load_form(known).fields_of_record}
    for one in (table.for_form(roles_at_hand()) for table in load_platform().tables):
        names = {name for element in one.elements for name in (*element.sources, element.minus) if name}
        table = "" if one.each == "form" else f"{one.each}[]."
        known = {name for name in names if name in printed or f"{table}{name}" in fields}
        # a form with a score of the department's is not among ours yet
        assert names - known == ({"review_score"} if one.name == "PM_PERF_SELF_EVAL" else set()), one.name


def test_every_real_form_is_exported_or_named(tmp_path: Path) -> None:
    results = real()
    export = platform(*results)
    assert {form.file for form in export.forms} | set(export.left_out) == {one["file"] for one in results}
    assert all(
        any(one.file == file and one.finding.level == "error" for one in export.findings) for file in export.left_out
    )
    assert len(export.forms) >= 6


# ── for analysts ────────────────────────────────────────────────


def test_the_flat_tables_hold_every_value_of_every_record() -> None:
    results = [*real(), *seeds()]
    made = {one.name: one for one in flat.flat_tables(map(typed, results))}
    cells = {
        name: {(row[1], str(value)) for row in one.rows for value in row if value is not None}
        for name, one in made.items()
    }
    for one in results:
        record = one["record"]
        for row in record["indicators"]:
            assert all((one["file"], str(value)) in cells["indicators"] for value in row.values() if value is not None)
        for row in record["funds"]:
            assert all((one["file"], str(value)) in cells["funds"] for value in row.values() if value is not None)
        single = _leaves(
            {key: record[key] for key in record if key not in ("funds", "indicators", "explanations", "form")}
        )
        assert all((one["file"], str(value)) in cells["forms"] for value in single)
    assert len(made["findings"].rows) == sum(len(one["findings"]) for one in results)


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in _leaves(one)]
    return [] if value is None else [value]


def test_no_text_of_a_csv_is_taken_for_a_formula_and_numbers_stay_numbers(clean: dict[str, Any]) -> None:
    record = with_changes(clean, {"indicators.0.actual": "=HYPERLINK(A1)", "funds.fiscal.executed": Decimal("-12.5")})
    made = {one.name: table(writers.flat_csv(one)) for one in flat.flat_tables([typed(result(record))])}
    assert made["indicators"][0]["actual"] == "'=HYPERLINK(A1)"
    assert (made["funds"][1]["executed"], made["funds"][1]["executed_yuan"]) == ("-12.5", "-125000")


def test_parquet_holds_the_same_as_csv_exactly(tmp_path: Path) -> None:
    import pyarrow.parquet

    assert run("export", SEEDS, "--to", "parquet", "-o", tmp_path).returncode == 0
    for one in flat.flat_tables(map(typed, seeds())):
        read = pyarrow.parquet.read_table(tmp_path / f"{one.name}.parquet").to_pylist()
        assert [list(row.values()) for row in read] == [list(row) for row in one.rows], one.name


def test_a_number_too_long_for_a_typed_column_keeps_its_form_out_and_is_named(clean: dict[str, Any]) -> None:
    long = result(with_changes(clean, {"funds.fiscal.executed": Decimal("1e30")}), "长.json")
    kept, said = flat.without_unfit(flat.flat_tables(map(typed, [long, *seeds()])))
    named = {(one.file, one.finding.rule, one.finding.label) for one in said}
    assert {("长.json", "F01", "funds.executed"), ("长.json", "F01", "funds.executed_yuan")} <= named
    assert {file for file, _, _ in named} == {"长.json"}
    assert {row[1] for one in kept if one.name != "findings" for row in one.rows} == {one["file"] for one in seeds()}
    assert all(writers.parquet(one).startswith(b"PAR1") for one in kept)


def test_without_pyarrow_one_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done = run("export", SEEDS, "--to", "parquet", "-o", tmp_path / "out")
    assert done.returncode == 2 and 'pip install "xltool[parquet]"' in done.output
    assert not (tmp_path / "out").exists()


# ── the command ─────────────────────────────────────────────────


def test_unreadable_results_have_no_rows_and_are_named(tmp_path: Path) -> None:
    unread = result_of_workbook(b"%PDF-1.7", "扫描件.xlsx")
    given = json_codec.dump_lines([unread, *seeds()]).encode()
    for kind in ("platform", "csv"):
        done = run("export", "-", "--to", kind, "-o", tmp_path / kind, given=given)
        assert done.returncode == 1 and done.stderr.decode().startswith("扫描件.xlsx: P06 ")
    assert len(table((tmp_path / "platform/PM_PERF_SELF_EVAL.csv").read_bytes())) == 2
    assert len(table((tmp_path / "csv/forms.csv").read_bytes())) == 2
    [row] = [row for row in table((tmp_path / "csv/findings.csv").read_bytes()) if row["file"] == "扫描件.xlsx"]
    assert row["rule"] == "P06"


def test_forms_to_be_returned_are_exported_and_counted_or_left_out_when_asked(tmp_path: Path) -> None:
    both = run("export", SEEDS, "--to", "platform", "-o", tmp_path / "a")
    one = run("export", SEEDS, "--to", "platform", "-o", tmp_path / "b", "--accepted")
    assert "1 份应当退回更正，也导出了" in both.stderr.decode() and "1 份应当退回更正，没有导出" in one.stderr.decode()
    assert [len(table((tmp_path / name / "PM_PERF_SELF_EVAL.csv").read_bytes())) for name in "ab"] == [2, 1]


def test_the_exit_code_follows_fail_on(tmp_path: Path) -> None:
    codes = [
        run("export", SEEDS, "--to", "platform", "-o", tmp_path, "--fail-on", level).returncode
        for level in ("error", "warning")
    ]
    assert codes == [0, 1]  # a space in each of the two


WRONG: dict[str, tuple[Sequence[object], bytes, str]] = {
    "no such file": (["没有.jsonl"], b"", "读不了 没有.jsonl"),
    "nothing in it": (["-"], b"\n\n", "标准输入 里没有结果"),
    "no JSON": (["-"], b"file,status\n", "标准输入 第 1 行不是合法的 JSON"),
    "a record": ([ROOT / "examples/form1.json"], b"", "第 1 行不是"),
    "what PowerShell redirects": (["-"], b"\xff\xfe{\x00", "UTF-16"),
    "a form that is not here": (
        ["-"],
        SEEDS.read_bytes().replace(b"shanghai-2020", b"nowhere-1999"),
        "这里没有表样 nowhere-1999/1",
    ),
    "another JSON": (["-"], b'{"a": 1}\n', "标准输入 第 1 行不是 ingest 的结果"),
}


@pytest.mark.parametrize(("files", "given", "reason"), WRONG.values(), ids=WRONG.keys())
def test_what_is_no_result_is_refused_in_one_line_and_nothing_is_written(
    tmp_path: Path, files: Sequence[object], given: bytes, reason: str
) -> None:
    done = run("export", *files, "--to", "csv", "-o", tmp_path / "out", given=given)
    lines = done.stderr.decode("utf-8").strip().splitlines()
    assert done.returncode == 2 and len(lines) == 1 and reason in lines[0], lines
    assert not (tmp_path / "out").exists()


def test_an_export_never_writes_over_its_own_input_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "findings.jsonl").write_bytes(SEEDS.read_bytes())
    done = run("export", tmp_path / "findings.jsonl", "--to", "platform", "-o", tmp_path)
    assert done.returncode == 2 and [file.name for file in tmp_path.iterdir()] == ["findings.jsonl"]
    done = run("export", SEEDS, "--to", "csv", "-o", tmp_path / "findings.jsonl")
    assert done.returncode == 2 and "建不了文件夹" in done.stderr.decode()
