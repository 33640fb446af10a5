"""Forms of other families are read as the shipped ones are: issued, moved about, copied, and typed by hand."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import foreign
import foreign_tables
import openpyxl
import pytest
import typed_families
from contract import fill, results_of_workbook
from families import TEXT, family_record
from project import DATA, FAMILIES, FAMILY_FORMS, templates
from rearranged import rearranged
from reshaping import reshaped
from typed_families import BLOCKS, EXPECTED, value_at

from xltool.form.layout import Layout
from xltool.form.record import needed_capacities
from xltool.result.record import Record
from xltool.rules.loading import load_catalogue

Content = bytes

with_families = pytest.mark.usefixtures("_families")


@pytest.fixture
def _families() -> Iterator[None]:
    with templates(FAMILIES):
        yield


def _wrong(form: str, result: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The values that were read otherwise than they stand."""
    record = result["record"] or {}
    found = {path: value_at(record, path) for path in EXPECTED[form]}
    return {
        path: (value, found[path])
        for path, value in EXPECTED[form].items()
        if found[path] != value and not (isinstance(value, float) and float(found[path] or 0) == value)
    }


def _read(form: str, content: Content) -> dict[str, Any]:
    [result] = results_of_workbook(content, f"{form}.xlsx")
    assert result["status"] != "unreadable", result["findings"]
    assert result["form"]["id"] == form
    return result


# ── issued ──────────────────────────────────────────────────────


def _filled(reference: str, clean: dict[str, Any]) -> tuple[dict[str, Any], Content]:
    record = family_record(reference, clean, code="").as_json()
    return record, fill(record).content


def _edited(content: Content, edit: Callable[[openpyxl.Workbook], None]) -> Content:
    book = openpyxl.load_workbook(io.BytesIO(content))
    edit(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize("reference", FAMILY_FORMS)
@with_families
def test_an_issued_form_is_read_by_its_names(reference: str, clean: dict[str, Any]) -> None:
    record, content = _filled(reference, clean)
    [result] = results_of_workbook(content, "x.xlsx")
    assert (result["reading"]["anchor"], result["reading"]["confidence"]) == ("names", 1)
    assert result["record"] == record


def _row_of(book: openpyxl.Workbook, text: str) -> int:
    return next(cell.row for row in book["自评表"].iter_rows() for cell in row if cell.value == text)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("transfer", "年度资金总额"), ("transfer", "情况说明"), ("transfer", "下达及时性"), ("transfer", "一级指标"),
        ("dept-overall", "部门支出总额"), ("dept-overall", "任务名称"), ("dept-overall", "一级指标"),
        ("indicators-first", "一级指标"), ("indicators-first", "年度资金总额"),
    ],
)  # fmt: skip
@with_families
def test_a_row_inserted_anywhere_moves_the_names_along(form: str, text: str, clean: dict[str, Any]) -> None:
    record, content = _filled(f"{form}/1", clean)
    moved = _edited(content, lambda book: reshaped(book, "自评表", row=_row_of(book, text), number=2))
    [result] = results_of_workbook(moved, "x.xlsx")
    assert result["record"] == record


@with_families
def test_rows_inserted_into_and_deleted_from_a_table_without_levels(clean: dict[str, Any]) -> None:
    record, content = _filled("dept-overall/1", clean)

    def inserted(book: openpyxl.Workbook) -> None:
        row = _row_of(book, "任务名称") + 2
        reshaped(book, "自评表", row=row, number=1)
        for column, text in ((2, "新增任务"), (5, "内容"), (7, "完成")):
            book["自评表"].cell(row, column).value = text

    [result] = results_of_workbook(_edited(content, inserted), "x.xlsx")
    assert [row["name"] for row in result["record"]["tasks"]] == [record["tasks"][0]["name"], "新增任务"]

    def deleted(book: openpyxl.Workbook) -> None:
        reshaped(book, "自评表", row=_row_of(book, "任务名称") + 3, number=-2)

    [result] = results_of_workbook(_edited(content, deleted), "x.xlsx")
    assert result["record"]["tasks"] == record["tasks"]
    assert result["record"]["indicators"] == record["indicators"]


@pytest.mark.parametrize("reference", FAMILY_FORMS)
@with_families
def test_a_column_inserted_before_the_targets_moves_every_block(reference: str, clean: dict[str, Any]) -> None:
    record, content = _filled(reference, clean)
    [result] = results_of_workbook(
        _edited(content, lambda book: reshaped(book, "自评表", column=5, number=1)), "x.xlsx"
    )
    assert result["record"] == record


@pytest.mark.parametrize("reference", FAMILY_FORMS)
@with_families
def test_an_issued_form_without_names_is_read_by_its_stamp(reference: str, clean: dict[str, Any]) -> None:
    record, content = _filled(reference, clean)

    def nameless(book: openpyxl.Workbook) -> None:
        for name in list(book.defined_names):
            del book.defined_names[name]

    [result] = results_of_workbook(_edited(content, nameless), "x.xlsx")
    assert result["reading"]["anchor"] == "stamp" and result["record"] == record


# ── copied ──────────────────────────────────────────────────────

#: Definitions with two matrices whose rows have the same labels, a table of one level, tables without, heads of two
#: lines, two blocks of texts below heads, and fields with the same label.
BLOCK_FORMS = DATA / "blocks"


def _varied(record: dict[str, Any]) -> dict[str, Any]:
    """The same record with a text of its own in every cell for text, and figures where amounts are missing."""
    number = 0
    for rows in record.values():
        for row in rows if isinstance(rows, list) else ():
            for name, value in row.items():
                number += 1
                if value == TEXT and name != "label":
                    row[name] = f"第{number}项内容"
                elif value is None and name in ("planned", "done"):
                    row[name] = number
    return record


def _content_and_layout(reference: str, clean: dict[str, Any]) -> tuple[bytes, Layout]:
    """A completed workbook with something in every block."""
    record = _varied(family_record(reference, clean, code="").as_json())
    catalogue = load_catalogue(reference)
    return fill(record).content, catalogue.layout(needed_capacities(Record.from_json(record), catalogue.form))


def _orders(layout: Layout) -> Iterator[list[str]]:
    """The blocks as they are, then some other orders: what names the form first, the total below the indicators."""
    first, *blocks = [block.id for block in layout.form.blocks if layout.lines_of(block)]
    yield [first, *blocks]
    dice = random.Random(1)
    for _ in range(40 if os.environ.get("XLTOOL_ALL") else 4):
        dice.shuffle(blocks)
        if "total" in blocks and blocks.index("total") < blocks.index("indicators"):
            one, other = blocks.index("total"), blocks.index("indicators")
            blocks[one], blocks[other] = blocks[other], blocks[one]
        yield [first, *blocks]


@pytest.mark.parametrize("reference", [*FAMILY_FORMS, "two-matrices/1", "two-tables/1"])
def test_a_form_copied_into_another_workbook_is_read_by_its_labels_in_any_order(
    reference: str, clean: dict[str, Any]
) -> None:
    with templates(FAMILIES, BLOCK_FORMS):
        content, layout = _content_and_layout(reference, clean)
        [issued] = results_of_workbook(content, "x.xlsx")
        assert issued["reading"]["anchor"] == "names"
        on_sheet = {key: value for key, value in issued["record"].items() if key not in ("project", "grade")}
        for order in _orders(layout):
            result = _read(reference.partition("/")[0], rearranged(content, layout, order))
            assert result["reading"]["anchor"] == "labels" and result["reading"]["confidence"] > 0.8, order
            assert {key: result["record"][key] for key in on_sheet} == on_sheet, order


# ── typed by hand ───────────────────────────────────────────────


@pytest.mark.parametrize("form", BLOCKS)
@with_families
def test_a_form_typed_by_hand_is_read(form: str) -> None:
    result = _read(form, typed_families.workbook(form))
    assert not _wrong(form, result)
    assert result["reading"]["anchor"] == "labels" and 0.85 < result["reading"]["confidence"] < 1


@pytest.mark.parametrize(
    ("form", "order"),
    [
        ("transfer", "heading indicators funds management goal remarks"),
        ("transfer", "heading goal management funds indicators remarks"),
        ("transfer", "heading funds indicators management goal remarks"),
        ("dept-overall", "heading tasks goal funds indicators total signatures"),
        ("dept-overall", "heading funds goal indicators total tasks signatures"),
        ("dept-overall", "heading goal indicators tasks funds total signatures"),
        ("indicators-first", "heading funds goal indicators total"),
        ("indicators-first", "heading indicators goal funds total"),
        ("indicators-first", "heading indicators total funds goal"),
    ],
)
@with_families
def test_blocks_are_found_in_any_order(form: str, order: str) -> None:
    assert not _wrong(form, _read(form, typed_families.workbook(form, order.split())))


def _backwards(form: str, block: str) -> str:
    """The same block with its rows in the opposite order, side label and heads first."""
    head, *rows = BLOCKS[form][block].strip().splitlines()
    return "\n".join([head, *reversed(rows)])


@pytest.mark.parametrize(("form", "block"), [("transfer", "funds"), ("transfer", "management"),
                                             ("indicators-first", "funds")])  # fmt: skip
@with_families
def test_rows_of_a_matrix_are_found_in_any_order(form: str, block: str) -> None:
    assert not _wrong(form, _read(form, typed_families.workbook(form, **{block: _backwards(form, block)})))


@with_families
def test_rows_with_the_same_label_are_told_apart_by_the_label_above_them() -> None:
    head, total, *rows = BLOCKS["dept-overall"]["funds"].strip().splitlines()
    other_order = "\n".join([head, *rows[3:], *rows[:3], total])
    within = "\n".join([head, total, rows[0], rows[2], rows[1], rows[3], rows[5], rows[4]])
    repeated = "\n".join([head, total, rows[0], *(row.replace("||", "|基本支出|", 1) for row in rows[1:3]),
                          rows[3], *(row.replace("||", "|项目支出|", 1) for row in rows[4:])])  # fmt: skip
    flat = "\n".join(line.replace("|小计|", "||") for line in [head, total, *rows])
    for funds in (other_order, within, repeated, flat):
        result = _read("dept-overall", typed_families.workbook("dept-overall", funds=funds))
        assert not _wrong("dept-overall", result), funds


_TWO_LINES = {
    "funds": ("预算整体情况（万元）|||预算数||全年执行数|分值|执行率|得分\n|||年初预算数|全年预算数\n", 1),
    "tasks": ("年度主要任务|任务名称|||任务情况\n||||主要内容||完成情况\n", 1),
    "indicators": (
        "绩效指标|一级指标|二级指标|三级指标|指标情况||分值|得分|偏差原因分析及改进措施\n||||年度指标值|实际完成值\n",
        1,
    ),
}


@pytest.mark.parametrize("block", _TWO_LINES)
@with_families
def test_heads_may_take_two_lines(block: str) -> None:
    heads, number = _TWO_LINES[block]
    rows = BLOCKS["dept-overall"][block].strip().splitlines()[number:]
    text = heads + "\n".join(rows)
    assert not _wrong("dept-overall", _read("dept-overall", typed_families.workbook("dept-overall", **{block: text})))


@with_families
def test_what_a_block_has_that_the_form_has_not_lowers_the_confidence_and_is_named() -> None:
    plain = _read("transfer", typed_families.workbook("transfer"))["reading"]["confidence"]
    funds = BLOCKS["transfer"]["funds"].rstrip() + "\n||彩票公益金|10|10\n"
    result = _read("transfer", typed_families.workbook("transfer", funds=funds))
    assert result["reading"]["confidence"] < plain
    assert any("彩票公益金" in one["message"] for one in result["findings"] if one["rule"].startswith("P"))
    management = BLOCKS["transfer"]["management"].rstrip() + "\n|信息公开情况||已公开|||无\n"
    result = _read("transfer", typed_families.workbook("transfer", management=management))
    assert result["reading"]["confidence"] < plain
    [message] = [one["message"] for one in result["findings"] if "信息公开情况" in one["message"]]
    assert message.startswith("“资金管理情况”有 1 行不是本表样的") and "已公开" in message


@with_families
def test_two_forms_of_other_families_below_each_other_are_two_results() -> None:
    first = "".join(text.strip() + "\n" for text in BLOCKS["transfer"].values())
    heading = BLOCKS["transfer"]["heading"].replace("就业补助资金", "养老补助资金")
    content = typed_families.workbook("transfer", heading=f"{first}\n{heading.strip()}\n")
    results = results_of_workbook(content, "x.xlsx")
    assert [result["record"]["project"]["name"] for result in results] == ["就业补助资金", "养老补助资金"]


@pytest.mark.parametrize("name", ["transfer 2021", "transfer 2022"])
@with_families
def test_tables_of_a_kind_that_has_a_definition_now_are_read(name: str) -> None:
    result = _read("transfer", foreign_tables.workbook(name))
    assert result["record"]["project"]["name"] and result["record"]["funds"][1]["adjusted_budget"]
    assert all(row["level3"] and row["actual"] for row in result["record"]["indicators"])


@pytest.mark.parametrize("name", list(foreign.SUPPORTED)[::6])
@with_families
def test_forms_that_are_shipped_are_recognised_as_before(name: str) -> None:
    form = foreign.RECORDS[name]
    content = foreign.workbook([(form, foreign.STYLES["as printed"])])
    [result] = results_of_workbook(content, "x.xlsx")
    assert result["form"]["id"] in foreign.DEFINITIONS[form["layout"]]


# ── of few blocks ───────────────────────────────────────────────

#: Forms without indicators: of tasks only, of management only, and of lines of labels and values only.
FEW = {
    "task-list": ("dept-overall/1", ["heading", "tasks", "signatures"], "部门主要任务自评表"),
    "management": ("transfer/1", ["heading", "management", "remarks"], "转移支付资金管理情况自评表"),
    "cover": ("transfer/1", ["heading", "remarks"], "转移支付基本情况自评表"),
}


@pytest.fixture
def _few(tmp_path: Path) -> Iterator[None]:
    for name, (parent, order, title) in FEW.items():
        folder = tmp_path / name / "1"
        folder.mkdir(parents=True)
        head = f'schema = "xltool.form/2"\nid = "{name}"\nversion = "1"\nextends = "{parent}"\nname = "{title}"\n'
        (folder / "form.toml").write_text(f'{head}title = "{title}"\ntitles = []\norder = {order}\n', "utf-8")
    with templates(FAMILIES, tmp_path):
        yield


@pytest.mark.parametrize("form", FEW)
@pytest.mark.usefixtures("_few")
def test_a_form_of_few_blocks_is_found_by_those_it_has(form: str, clean: dict[str, Any]) -> None:
    parent, order, title = FEW[form]
    family = parent.partition("/")[0]
    heading = BLOCKS[family]["heading"].replace("转移支付区域（项目）绩效自评表", title)
    heading = heading.replace("部门整体支出绩效自评表", title)
    result = _read(form, typed_families.workbook(family, order, heading=heading))
    wrong = _wrong(family, result)
    assert not [path for path in wrong if path.partition(".")[0] in result["record"]]
    record, content = _filled(f"{form}/1", clean)
    [result] = results_of_workbook(content, "x.xlsx")
    assert result["reading"]["anchor"] == "names" and result["record"] == record


# ── without their definitions ───────────────────────────────────


@pytest.mark.parametrize("form", ["transfer", "dept-overall"])
def test_without_its_definition_such_a_form_is_named_and_not_judged(form: str) -> None:
    [result] = results_of_workbook(typed_families.workbook(form), "x.xlsx")
    assert result["status"] == "unreadable"
    [finding] = result["findings"]
    assert finding["rule"] == "P01"
