"""A round of forms of other families, from the workbooks to the lists: without scores, and of a department as a whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import commands
import pytest
from contract import fill
from families import TEXT, family_record
from project import FAMILIES, templates

from xltool.support import json_codec

DEPARTMENT, UNIT = "某市人力资源和社会保障局", "某市职业培训中心"

#: The forms with the names of what they are about.
NAMES = {"transfer": "转移支付项目", "dept-overall": DEPARTMENT, "indicators-first": "培训项目"}


@pytest.fixture
def folder(tmp_path: Path, clean: dict[str, Any]) -> Iterator[Path]:
    """A folder with a workbook of each form, and their roster with another project."""
    with templates(FAMILIES):
        (tmp_path / "收到").mkdir()
        for form, name in NAMES.items():
            names = {"unit": name} if name == DEPARTMENT else {"name": name, "unit": UNIT}
            record = family_record(f"{form}/1", clean, **names, code="").as_json()
            (tmp_path / "收到" / f"{form}.xlsx").write_bytes(fill(record).content)
        listed = [(name, DEPARTMENT if name == DEPARTMENT else UNIT) for name in (*NAMES.values(), "没有交的")]
        lines = ["年度,项目名称,实施单位", *(f"2024,{name},{unit}" for name, unit in listed)]
        (tmp_path / "名册.csv").write_text("".join(f"{line}\n" for line in lines), "utf-8")
        yield tmp_path


def _run(folder: Path, *arguments: str) -> commands.Done:
    return commands.run(*arguments, folder=folder)


def _lines(content: bytes) -> list[dict[str, Any]]:
    return [json_codec.loads(line) for line in content.splitlines()]


def _table(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline="")))


def test_the_lists_of_a_round_print_dashes_and_nobody_is_returned_for_what_a_form_lacks(folder: Path) -> None:
    lists = ["--ledger", "台账", "--summary", "汇总.csv", "--report", "报告.html", "--returns", "退回"]
    done = _run(folder, "ingest", "收到", "--roster", "名册.csv", *lists, "-o", "结果.jsonl")
    assert done.returncode == 1 and "没有交的" in done.stderr.decode()  # which is the only error
    results = _lines((folder / "结果.jsonl").read_bytes())
    assert {one["status"] for one in results} == {"accepted"}, [one["findings"] for one in results]
    rows = {row["项目名称"]: [row["执行率"], row["得分"], row["等级"]] for row in _table(folder / "汇总.csv")}
    assert rows == {
        "转移支付项目": ["0.975", "—", "—"], DEPARTMENT: ["0.975", "99.32", "优"], "培训项目": ["0.975", "99.32", "优"],
        "没有交的": ["", "", ""],
    }  # fmt: skip
    cover = _lines(_run(folder, "ledger", "coverage", "台账", "--roster", "名册.csv").stdout)
    assert [line["name"] for line in cover] == ["没有交的"]


def test_the_ledger_is_exported_to_the_platform_and_to_flat_tables(folder: Path) -> None:
    assert _run(folder, "ingest", "收到", "--ledger", "台账", "-o", "结果.jsonl").returncode == 0
    done = _run(folder, "export", "台账", "--to", "platform", "-o", "平台")
    assert done.returncode == 0, done.stderr.decode()
    main = {row["pro_name"]: row["total_eval_value"] for row in _table(folder / "平台/PM_PERF_SELF_EVAL.csv")}
    assert main == {"转移支付项目": "", DEPARTMENT: "99.32", "培训项目": "99.32"}
    done = _run(folder, "export", "台账", "--to", "csv", "-o", "表")
    assert done.returncode == 0, done.stderr.decode()
    tables = {file.stem: _table(file) for file in (folder / "表").iterdir()}
    assert {(row["project_name"], row["name"]) for row in tables["tasks"]} == {(DEPARTMENT, TEXT)}
    assert [row["item"] for row in tables["management"]][:2] == ["allocation", "issuing"]
    assert {row["source"] for row in tables["funds"]} >= {"central", "basic_fiscal", "bonds", "total"}


def test_what_changed_in_tables_of_their_own_is_named_by_the_labels_of_the_form(
    folder: Path, clean: dict[str, Any]
) -> None:
    record = family_record("transfer/1", clean, name=NAMES["transfer"], unit=UNIT, code="").as_json()
    record["management"][2]["situation"] = "另一种情况"
    record["explanation"] = None
    (folder / "改.xlsx").write_bytes(fill(record).content)
    lines = _lines(_run(folder, "diff", "收到/transfer.xlsx", "改.xlsx").stdout)
    assert [(line["path"], line["label"], line["kind"]) for line in lines if line["what"] == "field"] == [
        ("/explanation", "说明", "removed"),
        ("/management/2/situation", "拨付合规性 情况说明", "changed"),
    ]
