"""Exceptions to rules are data: they mark findings as waived, and end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import commands
import pytest
from contract import per_place, result_of_record, typed
from project import ROOT

from xltool.report.text import group_findings
from xltool.rules.validation import schema_fault
from xltool.rules.waivers import apply_waivers, expired_waivers, parse_waivers
from xltool.support import json_codec
from xltool.support.errors import WrongUse

HEAD = "规则,项目编码,项目名称,单位,年度,理由,批准人,有效期至\n"
DAY = date(2025, 3, 1)


def _result(record: dict[str, Any]) -> dict[str, Any]:
    return result_of_record(record, b"", "x")


def _states(result: dict[str, Any]) -> dict[str, bool]:
    return {finding["rule"]: "waived" in finding for finding in result["findings"]}


def test_a_waived_finding_stays_visible_and_no_longer_returns_the_form(changed: Callable[..., Any]) -> None:
    result = _result(changed({"indicators.0.score": 18, "total.score": 97.32}))
    assert _states(result) == {"D01": False} and result["status"] == "returned"
    waivers = parse_waivers(
        (HEAD + "D01,330101-2024-0017,,,2024,历史项目,张三,2025年12月31日\n").encode("gbk"), "w.csv"
    )
    for _ in range(2):
        done = apply_waivers(typed(result), waivers, DAY).as_json()
        assert _states(done) == {"D01": True} and done["status"] == "accepted"
        assert done["findings"][0]["waived"] == {"reason": "历史项目", "approver": "张三", "until": "2025-12-31"}
        assert schema_fault(done, "result") is None


@pytest.mark.parametrize(
    "row",
    [
        "D01,330101-2024-0017,,,2023,理由,张三,2025-12-31",  # another year
        "D01,别的编码,,,2024,理由,张三,2025-12-31",
        "D01,330101-2024-0017,,别的单位,2024,理由,张三,2025-12-31",  # all that is filled in must agree
        "D02,330101-2024-0017,,,2024,理由,张三,2025-12-31",  # another rule
        "D01,330101-2024-0017,,,2024,理由,张三,2025-02-28",  # ended yesterday
    ],
)
def test_a_waiver_covers_only_its_own(changed: Callable[..., Any], row: str) -> None:
    result = _result(changed({"indicators.0.score": 18, "total.score": 97.32}))
    assert apply_waivers(typed(result), parse_waivers((HEAD + row).encode(), "w.csv"), DAY).as_json() == result


def test_every_fault_of_the_table_is_told_with_its_row() -> None:
    rows = "F8,,,,24,,张三,明年\nF08,1,,,2024,理由,李四,2025/6/30\n,,,,,,,\n"
    with pytest.raises(WrongUse) as caught:
        parse_waivers((HEAD + rows).encode(), "w.csv")
    told = str(caught.value)
    for fault in ("第 2 行：规则“F8”", "至少填一样", "年度“24”", "“理由”没有填写", "有效期“明年”"):
        assert fault in told
    assert "第 3 行" not in told and "第 4 行" not in told
    with pytest.raises(WrongUse, match="没有“规则”一栏"):
        parse_waivers("项目,理由\n".encode(), "w.csv")


def test_what_has_ended_is_told() -> None:
    table = (HEAD + "D01,1,,,2024,理由,张三,2025-02-28\nD01,1,,,2024,理由,张三,2025-03-01\n").encode()
    assert [one.row for one in expired_waivers(parse_waivers(table, "w.csv"), DAY)] == [2]


def test_ingest_and_check_take_waivers(tmp_path: Path, changed: Callable[..., Any]) -> None:
    from contract import fill

    record = changed({"indicators.0.score": 18, "total.score": 97.32})
    (tmp_path / "a.json").write_text(json_codec.dumps(record), "utf-8")
    (tmp_path / "a.xlsx").write_bytes(fill(record).content)
    (tmp_path / "w.csv").write_text(HEAD + "D01,,职业技能培训项目,,2024,理由,张三,2999-12-31\n", "utf-8-sig")
    for command in (["check", "a.json"], ["ingest", "a.xlsx"], ["ingest", "a.xlsx", "--ledger", "l.sqlite"]):
        assert commands.run(*command, folder=tmp_path).returncode == 1
        (tmp_path / "l.sqlite").unlink(missing_ok=True)
        done = commands.run(*command, "--waivers", "w.csv", folder=tmp_path)
        assert done.returncode == 0, done.stderr.decode()
        assert _states(json_codec.loads(done.stdout))["D01"] is True


def test_one_cause_on_several_places_is_one_finding_that_lists_them() -> None:
    record = json_codec.loads((ROOT / "examples/form1.json").read_bytes())
    findings = _result(record)["findings"]
    [missing] = [one for one in findings if one["rule"] == "D01"]
    rows = [index for index, row in enumerate(record["indicators"]) if row["score"] < row["weight"]]
    assert [one["path"] for one in missing["places"]] == [f"/indicators/{row}/deviation" for row in rows]
    assert missing["path"] == missing["places"][0]["path"] and "2 个指标扣了分" in missing["message"]
    assert all(record["indicators"][row]["level3"] in missing["message"] for row in rows)
    assert [one["path"] for one in per_place(missing)] == [one["path"] for one in missing["places"]]
    assert all(one["rule"] == "D01" and "places" not in one for one in per_place(missing))


def test_each_place_of_a_finding_says_what_was_found_there() -> None:
    record = json_codec.loads((ROOT / "examples/form1.json").read_bytes())
    [copied] = [one for one in _result(record)["findings"] if one["rule"] == "V05"]
    rows = [int(one["path"].split("/")[2]) for one in copied["places"]]
    assert len(rows) > 1
    assert [one["found"] for one in per_place(copied)] == [record["indicators"][row]["actual"] for row in rows]


def test_findings_of_one_kind_are_told_once_to_people_and_singly_to_machines() -> None:
    record = json_codec.loads((ROOT / "examples/form1.json").read_bytes())
    findings = typed(_result(record)).findings
    number = sum(one.rule == "V01" for one in findings)
    groups = group_findings(findings)
    assert number > 2 and [len(one) for one in groups if one[0].rule == "V01"] == [number]
    assert sum(map(len, groups)) == len(findings)


def test_what_a_roster_finds_can_be_waived_too(tmp_path: Path, clean: dict[str, Any]) -> None:
    from contract import fill

    (tmp_path / "a.xlsx").write_bytes(fill(clean).content)
    project = clean["project"]
    row = f"{clean['year']},{project['code']},{project['name']}（二期）,{project['unit']}"
    (tmp_path / "r.csv").write_text(f"年度,项目编码,项目名称,实施单位\n{row}\n", "utf-8-sig")
    (tmp_path / "w.csv").write_text(HEAD + f"H03,{project['code']},,,2024,改过名,张三,2999-12-31\n", "utf-8-sig")
    command = ["ingest", "a.xlsx", "--roster", "r.csv"]
    done = commands.run(*command, folder=tmp_path)
    assert done.returncode == 1 and _states(json_codec.loads(done.stdout))["H03"] is False
    done = commands.run(*command, "--waivers", "w.csv", folder=tmp_path)
    assert done.returncode == 0 and _states(json_codec.loads(done.stdout))["H03"] is True, done.stderr.decode()


def test_a_workbook_in_the_place_of_the_table_is_called_by_its_name() -> None:
    for content in (b"PK\3\4...", b"\xd0\xcf\x11\xe0..."):
        with pytest.raises(WrongUse, match=r"豁免\.xlsx 是 Excel 工作簿；请打开后另存为"):
            parse_waivers(content, "豁免.xlsx")
    with pytest.raises(WrongUse, match="不是 CSV 表"):
        parse_waivers(b"rule" + b"x" * 200_000, "豁免.csv")
