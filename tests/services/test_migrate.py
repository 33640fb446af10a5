"""Older versions and foreign forms: what is done with them, and nothing of them is lost on the way."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import foreign
import openpyxl
import pytest
from commands import run
from contract import fill, result_of_workbook, results_of_workbook
from fills import random_answers
from places import place_of
from project import DATA, ROOT, templates

from xltool.form.answers import Answers
from xltool.form.convert import Conversion, convert
from xltool.form.loading import load_form
from xltool.form.references import all_references
from xltool.form.versions import Crossing
from xltool.language.numbers import YUAN, round_half_up
from xltool.rules.loading import load_catalogue
from xltool.rules.validation import schema_fault
from xltool.services.migrate import Migration, migrate
from xltool.services.read_and_check import ReadForm, read_and_check
from xltool.support import json_codec
from xltool.support.errors import WrongDefinition, WrongUse
from xltool.support.templates import current_templates

VERSIONS = DATA / "versions"
OLD, NEW = "move-2024/1", "move-2024/2"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The two versions, to be changed."""
    return Path(shutil.copytree(VERSIONS, tmp_path / "表样"))


@pytest.fixture
def known(folder: Path) -> Iterator[Path]:
    with templates(folder):
        yield folder


@pytest.fixture
def unchanged() -> Iterator[None]:
    with templates(VERSIONS):
        yield


def policy(folder: Path, name: str) -> None:
    """Have the second version do something else with the first."""
    file = folder / "move-2024/2/form.toml"
    file.write_text(file.read_text("utf-8").replace('policy = "migrate"', f'policy = "{name}"'), "utf-8")


def first_version(clean: dict[str, Any], **fields: Any) -> dict[str, Any]:
    own = {"contact": "张三", "postcode": "310000", **fields}
    explained = [{"rule": "F08", "text": "年底才拨款"}]
    return {**clean, "form": {"id": "move-2024", "version": "1"}, **own, "explanations": explained}


def touched(content: bytes) -> bytes:
    """A filled form as units send it: a note, a word beside the table, a formula typed over, an error value."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["自评表"]
    sheet["AZ3"] = "请看附件"
    sheet["C3"].comment = openpyxl.comments.Comment("名称按批复", "李四")
    sheet["I6"] = 3.21
    book.create_sheet("草稿")["B2"] = 12345
    book["自评表"]["H15"] = "#REF!"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def rules(result: dict[str, Any], family: str = "P01") -> list[tuple[str, str]]:
    return [(one["rule"], one["level"]) for one in result["findings"] if one["rule"].startswith(family)]


# ── migrate ─────────────────────────────────────────────────────


def test_a_first_version_is_migrated_to_a_second_with_one_field_renamed_one_added_one_dropped(
    clean: dict[str, Any], tmp_path: Path
) -> None:
    record = first_version(clean)
    with templates(VERSIONS):
        (tmp_path / "旧表.xlsx").write_bytes(fill(record).content)
    listed = tmp_path / "没有位置.jsonl"
    command = ("migrate", tmp_path / "旧表.xlsx", "-o", tmp_path / "新表.xlsx", "--list", listed)
    with templates(VERSIONS):
        done = run(*command)
    told = done.stderr.decode("utf-8")
    assert done.returncode == 0, told
    [lost] = [json_codec.loads(line) for line in listed.read_text("utf-8").splitlines()]
    assert (lost["label"], lost["raw"], lost["kind"]) == ("邮政编码", "310000", "lost")
    assert f"自评表!{lost['cell']} 邮政编码：“310000” 没有位置：新表没有这一栏" in told and "1 处内容没有位置" in told
    [result] = [json_codec.loads(line) for line in done.stdout.splitlines()]  # the findings of the new form
    with templates(VERSIONS):
        again = result_of_workbook((tmp_path / "新表.xlsx").read_bytes(), str(tmp_path / "新表.xlsx"))
    assert result == json_codec.loads(json_codec.dumps(again)) and result["form"] == {"id": "move-2024", "version": "2"}
    wanted = {key: value for key, value in record.items() if key not in ("contact", "postcode")}
    wanted |= {"form": result["form"], "liaison": "张三", "project_level": "本级"}
    assert result["record"] == wanted
    with templates(VERSIONS):
        assert run(*command, "--fail-on", "warning").returncode == 1


def test_every_value_of_an_old_workbook_is_in_the_new_one_or_in_the_list(
    unchanged: None, clean: dict[str, Any]
) -> None:
    record = first_version(clean)
    blank = dict.fromkeys(("contact", "postcode"))
    old = openpyxl.load_workbook(io.BytesIO(touched(fill(record).content)), data_only=True)
    made = migrate(touched(fill(record).content), "旧.xlsx")
    new = openpyxl.load_workbook(io.BytesIO(made.content), data_only=True)
    empty = openpyxl.load_workbook(io.BytesIO(_blank(record | blank)), data_only=True)
    texts = {str(cell.value) for name in ("自评表", "自检", "_xltool") for row in new[name].iter_rows() for cell in row}
    listed = {(one.sheet, one.cell) for one in made.leftovers}
    checked = 0
    for sheet in (old["自评表"], old["草稿"], old["_xltool"]):
        for row in sheet.iter_rows():
            for cell in row:
                printed = sheet.title in empty.sheetnames and empty[sheet.title][cell.coordinate].value == cell.value
                beside = (sheet.title == "自评表" and 9 < cell.column < 23) or (
                    sheet.title == "_xltool" and cell.row < 20
                )
                if cell.value is None or printed or beside:
                    continue
                checked += 1
                assert str(cell.value) in texts or (sheet.title, cell.coordinate) in listed, (sheet.title, cell)
    assert checked > 40
    kinds = {(one.sheet, one.cell): one.kind for one in made.leftovers}
    wanted = {("自评表", "AZ3"): "lost", ("草稿", "B2"): "lost", ("自评表", "C3"): "lost", ("自评表", "I6"): "overruled",
              ("自评表", "H15"): "lost"}  # fmt: skip
    assert wanted.items() <= kinds.items()
    assert "名称按批复" in {one.raw for one in made.leftovers}


def _blank(record: dict[str, Any]) -> bytes:
    from xltool.form.answers import Answers
    from xltool.form.record import needed_capacities
    from xltool.result.record import Record
    from xltool.services.read_and_check import catalogue_of
    from xltool.write.workbook import build

    form = Record.from_json(record)
    catalogue = catalogue_of(form)
    return build(catalogue, Answers(catalogue.layout(needed_capacities(form, catalogue.form)), {}))


@pytest.mark.parametrize(("into", "every"), [("std-op-2020/1", 8), ("std-op-2020/1", 2), ("hubei-2020/1", 2), ("", 1)])
def test_every_value_of_a_published_form_is_in_the_new_one_or_in_the_list(into: str, every: int) -> None:
    style = foreign.STYLES["as printed"]
    for name, form in sorted(foreign.SUPPORTED.items())[::every]:
        content = foreign.workbook([(form, style)])
        before = results_of_workbook(content, name)[0]["record"]
        made = migrate(content, f"{name}.xlsx", into)
        after = result_of_workbook(made.content, name)["record"]
        here, there = foreign.shown(before), foreign.shown(after)
        listed = [one.raw for one in made.leftovers]
        for path, value in foreign.expected(form).items():
            if value is None or here.get(path) != value:
                continue  # not read, so not to be carried: what is not read is listed as it stands
            if there.get(path) == value or path == "money_unit":
                continue
            assert _told(value, listed) or _converted(here, there, path), (name, into, path, value, listed)


def _told(value: Any, listed: list[str]) -> bool:
    texts = {text.replace(",", "").removesuffix("万元").removesuffix("元").rstrip("%分") for text in listed}
    if not isinstance(value, Decimal):
        return str(value) in listed
    return any(_number(text) in (value, value * 100) for text in texts)


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except ArithmeticError:
        return None


def _converted(here: dict[str, Any], there: dict[str, Any], path: str) -> bool:
    units = {"元": Decimal(1), "万元": Decimal(10000)}
    if there.get(path) is None or path.rpartition(".")[2] not in ("initial_budget", "adjusted_budget", "executed"):
        return False
    return bool(here[path] * units[here["money_unit"]] == there[path] * units[there["money_unit"]])


def test_no_value_of_a_random_form_is_lost_or_invented_between_any_two_forms() -> None:
    """More by hand: ``XLTOOL_FORMS=12`` compares 86,000 values."""
    checked = 0
    for seed in range(int(os.environ.get("XLTOOL_FORMS") or 1)):
        for one in all_references():
            old = random_answers(load_catalogue(one).layout(), seed)
            for other in all_references():
                catalogue = load_catalogue(other)
                carried = convert(old, {}, catalogue.form, catalogue.layout, Crossing())
                checked += _nothing_lost(old, carried)
                for place in carried.answers.layout.input_places:
                    came = carried.answers.at(place) is None or old.at(carried.origins[place]) not in (None, "")
                    assert came, (one, other, place)
    assert checked > 5000


def _nothing_lost(old: Answers, carried: Conversion) -> int:
    told = {one.place for one in (*carried.leftovers, *carried.overruled_values)}
    changed = {one.place for one in carried.converted_amounts}
    back = {before: after for after, before in carried.origins.items()}
    form, unit = carried.answers.layout.form, old.at(place_of("money_unit"))
    checked = 0
    for place in old.layout.places:
        field, value = old.layout.form.field(place), old.at(place)
        if field.helper or value in (None, "", field.elsewhere) or place in told or place == place_of("money_unit"):
            continue
        here = carried.answers.at(back[place])
        if place in changed:
            assert here * YUAN[form.money_unit] == value * YUAN[str(unit)], (place, value, here)  # type: ignore[operator]
        elif isinstance(value, Decimal) and isinstance(here, Decimal):
            assert round_half_up(here, 9) == round_half_up(value, 9), (place, value, here)
        else:
            assert here == value, (place, value, here)
        checked += 1
    return checked


def test_amounts_go_into_the_new_money_unit_exactly_and_are_named() -> None:
    made = migrate((ROOT / "examples/form1.xlsx").read_bytes(), "form1.xlsx", "mof-2020/1")
    record = result_of_workbook(made.content, "新.xlsx")["record"]
    assert record["money_unit"] == "万元" and record["funds"][1]["executed"] == Decimal("62.743069")
    changed = {one.cell: one.why for one in made.leftovers if one.kind == "changed"}
    assert changed["F7"] == "按新表的金额单位写作 62.743069" and len(changed) == 6


def test_amounts_of_an_unknown_money_unit_are_listed_and_not_carried(unchanged: None, clean: dict[str, Any]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(fill(first_version(clean)).content))
    corner = next(cell for row in book["自评表"].iter_rows() for cell in row if "（万元）" in str(cell.value))
    corner.value = "项目资金（美元）"
    book["自评表"]["F12"] = "计划完成数"
    target = io.BytesIO()
    book.save(target)
    made = migrate(target.getvalue(), "旧.xlsx")
    record = result_of_workbook(made.content, "新.xlsx")["record"]
    assert all(row[name] is None for row in record["funds"][1:] for name in ("initial_budget", "executed"))
    assert [(one.cell, one.kind) for one in made.leftovers if one.raw == "计划完成数"] == [("F12", "overruled")]
    assert any("美元" in one.raw for one in made.leftovers)
    unknown = [one for one in made.leftovers if one.why == "不知道金额单位"]
    assert len(unknown) == sum(
        row[name] is not None for row in clean["funds"] for name in ("initial_budget", "adjusted_budget", "executed")
    )


def test_more_rows_than_the_template_has_are_all_carried(unchanged: None, clean: dict[str, Any]) -> None:
    record = first_version(clean)
    row = next(one for one in record["indicators"] if one["level2"] == "数量指标")
    record["indicators"] = [{**row, "level3": f"第 {number} 项"} for number in range(30)]
    made = migrate(fill(record).content, "旧.xlsx")
    after = result_of_workbook(made.content, "新.xlsx")["record"]["indicators"]
    assert [one["level3"] for one in after] == [f"第 {number} 项" for number in range(30)]


def test_migrating_is_reproducible_and_a_current_form_comes_through_unchanged() -> None:
    content = (ROOT / "examples/form2.xlsx").read_bytes()
    one, two = migrate(content, "a.xlsx"), migrate(content, "a.xlsx")
    assert one.content == two.content
    # its rate was printed over the formula
    assert [(left.label, left.raw, left.kind) for left in one.leftovers] == [
        ("年度资金总额 执行率", "33.96%", "overruled")
    ]
    before, after = (result_of_workbook(each, "a.xlsx")["record"] for each in (content, one.content))
    after["funds"][0]["execution_rate"] = before["funds"][0]["execution_rate"]
    assert before == after


def test_what_is_no_form_or_holds_several_is_refused_in_one_line(tmp_path: Path) -> None:
    forms = [(foreign.RECORDS[name], foreign.STYLES["as printed"]) for name in sorted(foreign.SUPPORTED)[:2]]
    (tmp_path / "两张.xlsx").write_bytes(foreign.workbook(forms))
    (tmp_path / "扫描.xlsx").write_bytes(b"%PDF-1.7")
    new = tmp_path / "新.xlsx"
    cases = {
        ("两张.xlsx",): "里有 2 张自评表", ("扫描.xlsx",): "P06", ("没有.xlsx",): "读不了",
        ("两张.xlsx", "--sheet", "无"): "《无》不是自评表", ("两张.xlsx", "--form", "utopia"): "没有表样 utopia",
        ("两张.xlsx", "--list", "单.txt"): "应是 .csv 或 .jsonl",
    }  # fmt: skip
    for (file, *rest), reason in cases.items():
        done = run("migrate", tmp_path / file, "-o", new, *rest)
        lines = done.stderr.decode("utf-8").strip().splitlines()
        assert done.returncode == 2 and len(lines) == 1 and reason in lines[0], lines
        assert not new.exists()
    same = run("migrate", tmp_path / "两张.xlsx", "-o", tmp_path / "两张.xlsx")
    assert same.returncode == 2 and (tmp_path / "两张.xlsx").stat().st_size > 1000
    sheets = openpyxl.load_workbook(tmp_path / "两张.xlsx").sheetnames
    assert run("migrate", tmp_path / "两张.xlsx", "-o", new, "--sheet", sheets[1]).returncode in (0, 1) and new.exists()


def test_the_list_as_csv_holds_no_formula(unchanged: None, clean: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "旧.xlsx").write_bytes(fill(first_version(clean, postcode="=1+1|x")).content)
    done = run(
        "migrate",
        tmp_path / "旧.xlsx",
        "-o",
        tmp_path / "新.xlsx",
        "--list",
        tmp_path / "单.csv",
    )
    assert done.returncode == 0
    assert "'=1+1|x" in (tmp_path / "单.csv").read_text("utf-8-sig")


# ── ingest ──────────────────────────────────────────────────────


def ingested(record: dict[str, Any]) -> ReadForm:
    [one] = read_and_check(fill(record).content, "旧.xlsx")
    return one


def test_an_accepted_version_is_read_as_it_is_in_silence(known: Path, clean: dict[str, Any]) -> None:
    policy(known, "accept")
    record = first_version(clean)
    result = ingested(record).result.as_json()
    assert result["record"] == record and rules(result) == [] and result["status"] == "accepted"


def test_a_version_accepted_with_a_warning_is_read_as_it_is_and_said(known: Path, clean: dict[str, Any]) -> None:
    policy(known, "warn")
    record = first_version(clean)
    result = ingested(record).result.as_json()
    assert result["record"] == record and rules(result) == [("P01", "warning")]
    [finding] = [one for one in result["findings"] if one["rule"] == "P01"]
    assert OLD in finding["message"] and NEW in finding["message"] and "2025 年起" in finding["message"]


def test_a_version_of_which_the_newest_says_nothing_is_accepted_with_a_warning(
    known: Path, clean: dict[str, Any]
) -> None:
    file = known / "move-2024/2/form.toml"
    file.write_text(file.read_text("utf-8").partition("[versions.1]")[0], "utf-8")
    assert rules(ingested(first_version(clean)).result.as_json()) == [("P01", "warning")]


def test_a_migrated_version_is_read_as_the_newest_has_it_and_what_has_no_place_is_listed(
    unchanged: None, clean: dict[str, Any]
) -> None:
    record = first_version(clean)
    one = ingested(record)
    result = one.result.as_json()
    assert result["form"] == {"id": "move-2024", "version": "2"} and schema_fault(result, "result") is None
    assert (result["record"]["liaison"], result["record"]["project_level"]) == ("张三", "本级")
    assert result["record"]["indicators"] == record["indicators"] and result["record"]["funds"] == record["funds"]
    assert result["record"]["explanations"] == record["explanations"]
    assert rules(result) == [("P01", "warning")] * 2
    [lost] = result["reading"]["unplaced"]
    assert lost["raw"] == "310000"
    unmapped = next(f for f in result["findings"] if "没有位置" in f["message"])
    assert unmapped["cell"] == f"自评表!{lost['cell']}" and "邮政编码" in unmapped["message"]
    assert {f["rule"] for f in result["findings"]} - {"P01"} == {
        f["rule"] for f in result_of_workbook(fill(result["record"]).content, "x")["findings"]
    }
    assert one.cells["/liaison"].startswith("自评表!C")


def test_findings_on_a_migrated_version_name_the_cells_of_the_workbook_that_came(
    known: Path, clean: dict[str, Any]
) -> None:
    record = first_version(clean)
    record["indicators"][3]["score"] = record["indicators"][3]["weight"] + 1
    record["project"]["unit"] = record["indicators"][0]["actual"] = None  # also what is blank
    record["indicators"] = [one for one in record["indicators"] if one["level2"] != "时效指标"]
    mapped = [one for one in ingested(record).result.as_json()["findings"] if one["rule"] != "P01"]
    policy(known, "accept")
    current_templates().forget()
    assert mapped == ingested(record).result.as_json()["findings"]
    assert {one["rule"] for one in mapped} >= {"S02", "H01", "V02", "T02"}


def test_a_formula_typed_over_in_a_migrated_version_is_found_and_kept(unchanged: None, clean: dict[str, Any]) -> None:
    [one] = read_and_check(touched(fill(first_version(clean)).content), "旧.xlsx")
    assert one.result.as_json()["record"]["funds"][0]["score"] == Decimal("3.21")  # what the unit handed in
    assert {(f["rule"], f["cell"]) for f in one.result.as_json()["findings"]} >= {("F06", "自评表!I6")}
    raws = [left["raw"] for left in one.result.as_json()["reading"]["unplaced"]]
    assert {"310000", "请看附件", "12345", "名称按批复", "#REF!"} <= set(raws) and len(raws) == len(set(raws))


def test_a_migrated_version_goes_back_as_the_newest(unchanged: None, clean: dict[str, Any]) -> None:
    from xltool.services.return_form import build_returned_workbook

    record = first_version(clean)
    record["indicators"][0]["actual"] = None
    one = ingested(record)
    back = result_of_workbook(build_returned_workbook(one, one.result), "退回.xlsx")
    assert back["form"]["version"] == "2" and back["record"]["liaison"] == "张三"
    assert back["record"]["indicators"] == one.result.as_json()["record"]["indicators"]


def test_what_an_older_version_did_not_ask_is_marked_where_the_newest_asks_it(
    known: Path, clean: dict[str, Any]
) -> None:
    from xltool.services.return_form import build_returned_workbook

    file = known / "move-2024/2/form.toml"
    text = file.read_text("utf-8").replace('= "本级"', '= ""\n"foot.town" = ""')
    town = '[block.foot.cell.town]\nlabel = "乡镇"\nkind = "text"\nlabel_columns = "A:B"\ncolumns = "C:E"\nline = 2\n'
    file.write_text(text.replace("[versions.1]", f"{town}\n[versions.1]", 1), "utf-8")
    words = 'name = "必填"\nname_en = "needed"\nwhy = "x"\nwhy_en = "x"\nbasis = "x"\n'
    told = 'message = "没有填"\nmessage_en = "blank"\nfix = "请填"\nfix_en = "fill it in"\n'
    cases = [
        f'[[Z99.case]]\nat = "{name}"\nmust = "filled({name})"\n{told}' for name in ("foot.project_level", "foot.town")
    ]
    (file.parent / "rules.toml").write_text(f"[Z99]\n{words}" + "".join(cases), "utf-8")
    [one] = read_and_check(fill(first_version(clean)).content, "旧.xlsx")
    assert [finding["path"] for finding in one.result.as_json()["findings"] if finding["rule"] == "Z99"] == [
        "/project_level",
        "/town",
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(build_returned_workbook(one, one.result)))["自评表"]
    marked = [cell for row in sheet.iter_rows() for cell in row if cell.comment and "Z99" in cell.comment.text]
    assert [sheet.cell(cell.row, 1).value for cell in marked] == ["项目级次", "乡镇"]


def test_a_refused_version_is_refused_with_one_sentence_and_can_still_be_migrated(
    known: Path, clean: dict[str, Any]
) -> None:
    policy(known, "refuse")
    content = fill(first_version(clean)).content
    result = result_of_workbook(content, "旧.xlsx")
    [finding] = result["findings"]
    assert result["status"] == "unreadable" and finding["rule"] == "P01"
    assert OLD in finding["message"] and NEW in finding["message"] and "现行模板" in finding["fix"]
    assert migrate(content, "旧.xlsx").new.reference == NEW


def test_a_sealed_form_of_a_migrated_version_keeps_its_seal_in_the_result_and_not_in_what_goes_back(
    unchanged: None, tmp_path: Path
) -> None:
    """The seal speaks of the version it was issued for; nobody is told that something of it was changed."""
    from xltool.services.return_form import build_returned_workbook

    rows = [
        "产出指标,数量指标,培训人次,≥100人,50",
        "效益指标,社会效益指标,就业,≥80人,30",
        "满意度指标,服务对象满意度指标,满意,≥90%,10",
    ]
    heads = "年度,项目名称,主管部门,实施单位,年度总体目标,一级指标,二级指标,三级指标,年度指标值,分值"
    text = "\n".join([heads, *(f"2024,甲项目,某局,某中心,办好培训,{row}" for row in rows)])
    (tmp_path / "名册.csv").write_text(text, "utf-8")
    done = run("issue", tmp_path / "名册.csv", "--form", OLD, "-o", tmp_path / "发")
    assert done.returncode == 0, done.stderr.decode()
    [file] = (tmp_path / "发").rglob("*甲项目.xlsx")
    [one] = read_and_check(file.read_bytes(), file.name)
    assert (
        one.result.as_json()["form"]["version"] == "2" and one.result.as_json()["reading"]["seal"]["state"] == "sound"
    )
    assert [
        finding["message"] for finding in one.result.as_json()["findings"] if finding["rule"] in ("P04", "W06", "T10")
    ] == []
    back = result_of_workbook(build_returned_workbook(one, one.result), "退回.xlsx")
    assert (
        "seal" not in back["reading"] and back["record"]["indicators"] == one.result.as_json()["record"]["indicators"]
    )
    made = migrate(file.read_bytes(), file.name)
    assert made.sealed and made.leftovers == ()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("move-2024/3", ("比本工具的", "升级")),
        ("move-2024/12", ("比本工具的", "升级")),
        ("nowhere-1999/1", ("不在支持的版本中", "索取现行模板")),
    ],
)
def test_a_version_to_come_and_a_form_of_somebody_else_are_told_apart(
    unchanged: None, clean: dict[str, Any], given: str, words: tuple[str, str]
) -> None:
    content = restamped(fill({**first_version(clean), "explanations": []}).content, OLD, given)
    result = result_of_workbook(content, "表.xlsx")
    [finding] = result["findings"]
    assert (result["status"], finding["rule"]) == ("unreadable", "P01")
    assert words[0] in finding["message"] and words[1] in finding["fix"] and given in finding["message"]


def test_a_version_whose_definition_was_given_up_says_why(known: Path, clean: dict[str, Any]) -> None:
    content = fill(first_version(clean)).content
    policy(known, "refuse")
    shutil.rmtree(known / "move-2024/1")
    current_templates().forget()
    [finding] = result_of_workbook(content, "表.xlsx")["findings"]
    assert "不再支持：2025 年起" in finding["message"] and "现行模板" in finding["fix"]


def restamped(content: bytes, before: str, after: str) -> bytes:
    """The workbook with another form in all three carriers of its stamp."""
    import zipfile

    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(before.encode(), after.encode()))
    return target.getvalue()


def test_a_form_read_by_its_labels_is_read_as_the_newest_version_that_fits(known: Path) -> None:
    form = next(one for _, one in sorted(foreign.SUPPORTED.items()) if one["layout"] == "std")
    content = foreign.workbook([(form, foreign.STYLES["as printed"])])
    before = results_of_workbook(content, "x.xlsx")[0]
    shutil.copytree(known / "move-2024", known / "copy-2020")
    for number in ("1", "2"):
        text = (
            f'schema = "xltool.form/2"\nid = "copy-2020"\nversion = "{number}"\nextends = "{before["form"]["id"]}/1"\n'
        )
        (known / f"copy-2020/{number}/form.toml").write_text(text, "utf-8")
    result = results_of_workbook(content, "x.xlsx")[0]
    assert result["form"] == {"id": "copy-2020", "version": "2"}
    same = [one for one in result["reading"]["rivals"] if one.startswith(("copy-2020", before["form"]["id"]))]
    assert same == [f"{before['form']['id']}/1"]


# ── definitions ─────────────────────────────────────────────────

FAULTS = {
    "a field forgotten": ('dropped = ["foot.postcode"]', "dropped = []", "foot.postcode 到哪里去了"),
    "a new field forgotten": ('"foot.project_level" = "本级"', "", "没有说新版的 foot.project_level 怎样填"),
    "a field that never was": ('"foot.contact" =', '"foot.nobody" =', "旧版没有 foot.nobody"),
    "a field that is not": ('"foot.liaison"', '"foot.nobody"', "新版没有 foot.nobody"),
    "a field that becomes a column": ('"foot.liaison"', '"indicators.columns.actual"', "新版没有 indicators.columns.actual"),
    "dropped without having been": ('["foot.postcode"]', '["foot.postcode", "foot.x"]', "旧版没有 foot.x"),
    "added without being": ('"foot.project_level" =', '"foot.x" = ""\n"foot.project_level" =', "新版没有 foot.x"),
    "a version that is not older": ("versions.1", "versions.2", "不比 2 旧"),
    "a version without a definition": ('version = "2"', 'version = "2"\n[versions.0]\npolicy = "warn"\nwhy = "x"\n', "没有定义 move-2024/0"),
    "an unknown policy": ('policy = "migrate"', 'policy = "maybe"', "versions.1.policy"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "reason"), FAULTS.values(), ids=FAULTS.keys())
def test_a_definition_that_forgets_or_invents_a_field_is_refused(
    known: Path, before: str, after: str, reason: str
) -> None:
    file = known / "move-2024/2/form.toml"
    text = file.read_text("utf-8")
    assert before in text
    if before == 'version = "2"':  # a table of its own goes to the end
        head, _, tables = after.partition("\n")
        text = text.replace(before, head) + tables
    else:
        text = text.replace(before, after)
    file.write_text(text, "utf-8")
    with pytest.raises(WrongDefinition, match=reason):
        load_form(NEW)


def test_a_form_explains_what_is_done_with_its_older_versions() -> None:
    with templates(VERSIONS):
        told = run("forms", "move-2024").stdout.decode("utf-8")
    assert "旧版 move-2024/1：读成这一版。2025 年起" in told
    wanted = (
        "`foot.contact` 改为 `foot.liaison`",
        "`foot.postcode` 去掉",
        "`foot.project_level` 新加，填“本级”",
    )
    assert all(one in told for one in wanted)


def test_what_is_said_of_older_versions_is_not_inherited(known: Path) -> None:
    (known / "own-2024/2").mkdir(parents=True)
    text = 'schema = "xltool.form/2"\nid = "own-2024"\nversion = "2"\nextends = "move-2024/2"\n'
    (known / "own-2024/2/form.toml").write_text(text, "utf-8")
    assert load_form("own-2024/2").versions == {} and "1" in load_form(NEW).versions


def test_every_shipped_form_says_what_becomes_of_each_older_version() -> None:
    for one in all_references():
        form = load_form(one)
        older = {other.rpartition("/")[2] for other in all_references() if other.startswith(f"{form.id}/")}
        older = {number for number in older if int(number) < int(form.version)}
        assert older <= set(form.versions), one


def test_a_wrong_sheet_is_the_operators_mistake() -> None:
    with pytest.raises(WrongUse):
        migrate((ROOT / "examples/form1.xlsx").read_bytes(), "a.xlsx", sheet="自检")
    assert isinstance(migrate((ROOT / "examples/form1.xlsx").read_bytes(), "a.xlsx", sheet="自评表"), Migration)
