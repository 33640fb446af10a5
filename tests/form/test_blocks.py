"""A form is a sequence of blocks: what an author may write, and what is refused with file, line, key and remedy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from contract import result_of_workbook
from project import FAMILIES, FAMILY_FORMS, templates

from xltool.form.answers import Answers
from xltool.form.definition import Form
from xltool.form.definition_faults import refuse_wrong_layout
from xltool.form.layout import Layout
from xltool.form.loading import load_form
from xltool.form.places import FixedRowCell, SingleCell, VariableRowCell
from xltool.form.printed_labels import printed_labels
from xltool.form.record import record_of_answers
from xltool.rules.loading import load_catalogue
from xltool.support import resources
from xltool.support.errors import WrongDefinition
from xltool.write.workbook import build

HEAD = 'schema = "xltool.form/2"\nid = "city-2026"\n'
OVER = HEAD + 'extends = "mof-2020/1"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "city-2026" / "1").mkdir(parents=True)
    with templates(tmp_path):
        yield tmp_path


def _load(folder: Path, text: str) -> Form:
    (folder / "city-2026/1/form.toml").write_text(text, "utf-8")
    return load_form("city-2026/1")


def test_an_id_and_a_title_are_enough(folder: Path) -> None:
    form = _load(folder, HEAD + 'title = "某表"\n')
    assert (form.version, form.name, form.sheet, form.money_unit) == ("1", "某表", "自评表", "")
    assert not form.blocks and not form.roles.paths and not form.fund_rows and not form.columns
    assert load_catalogue("city-2026/1").form is form


SMALL = """title = "小表"
[widths]
A = 10
B = 20
[means]
unit = "who.name"
[block.who]
kind = "fields"
[block.who.cell.name]
label = "单位"
label_columns = "A"
columns = "B"
[block.list]
kind = "table"
rows = 2
columns.thing = { label = "事项", columns = "A" }
columns.done = { label = "完成情况", columns = "B", required = true }
[block.end]
kind = "text"
lines = ["注：没有的不填。"]
"""


def test_a_small_form_of_its_own_is_laid_out_from_top_to_bottom(folder: Path) -> None:
    form = _load(folder, HEAD + SMALL)
    layout = Layout(form)
    assert [label.text for label in printed_labels(layout)] == ["小表", "单位", "事项", "完成情况", "注：没有的不填。"]
    assert layout.box(SingleCell("who.name")).address.endswith("B2")
    assert layout.box(VariableRowCell("list", 1, "done")).address.endswith("B5")
    assert layout.last_row == 6 and list(layout.names) == ["xl_who_name", "xl_list"]


@pytest.mark.parametrize("text", ['title = "某表"\n', SMALL], ids=["a title", "a small form"])
def test_the_smallest_forms_are_written_and_read_back(text: str, folder: Path) -> None:
    form = _load(folder, HEAD + text)
    catalogue = load_catalogue(form.reference)
    layout = catalogue.layout()
    values = {place: f"内容{number}" for number, place in enumerate(layout.input_places)}
    record, _ = record_of_answers(Answers(layout, dict(values)), {})
    content = build(catalogue, Answers(layout, dict(values)))
    result = result_of_workbook(content, "x.xlsx")
    assert result["form"] == {"id": "city-2026", "version": "1"} and result["record"] == record.as_json()


@pytest.mark.parametrize("reference", FAMILY_FORMS)
def test_other_families_take_a_hundred_lines_at_most(reference: str) -> None:
    text = (FAMILIES / reference / "form.toml").read_text("utf-8")
    assert len(text.splitlines()) <= 100
    with templates(FAMILIES):
        assert load_form(reference).blocks


def test_a_source_of_money_is_one_line(folder: Path) -> None:
    line = 'bonds = { label = "专项债券资金", adds_to = "total" }\n'
    form = _load(folder, OVER + "[block.funds.rows]\n" + line)
    assert form.matrices["funds"].parts("total") == ("fiscal", "carryover", "other", "bonds")
    assert form.matrices["funds"].formula("total", "executed") == "round(sum(funds.parts.executed), money_decimals)"


def test_sums_may_be_sums_of_sums() -> None:
    with templates(FAMILIES):
        funds = load_form("dept-overall/1").matrices["funds"]
    assert funds.total == "total" and funds.parts("total") == ("basic", "project")
    text = "round(sum(funds.project_fiscal.executed, funds.project_other.executed), money_decimals)"
    assert funds.formula("project", "executed") == text
    assert funds.formula("basic_other", "executed") == "" and funds.formula("basic", "score") == ""


def test_a_row_of_labels_of_two_levels_prints_the_sum_beside_its_label() -> None:
    with templates(FAMILIES):
        labels = list(printed_labels(Layout(load_form("dept-overall/1"))))
    beside = [(label.text, label.box.address) for label in labels if label.text in ("基本支出", "小计", "部门支出总额")]
    assert beside == [
        ("部门支出总额", "自评表!B5"),
        ("基本支出", "自评表!B6"),
        ("小计", "自评表!C6"),
        ("小计", "自评表!C9"),
    ]
    assert next(label.box.bottom for label in labels if label.text == "基本支出") == 8


def test_two_lines_of_heads_merge_those_that_stand_under_none() -> None:
    with templates(FAMILIES):
        form = load_form("dept-overall/1")
        layout = Layout(form)
    boxes = {label.text: label.box for label in printed_labels(layout)}
    top = layout.first_rows["indicators"]
    assert (boxes["指标情况"].top, boxes["指标情况"].bottom) == (top, top)
    assert (boxes["年度\n指标值"].top, boxes["三级指标"].top, boxes["三级指标"].bottom) == (top + 1, top, top + 1)
    assert layout.slots[0].row == top + 2


def test_helpers_that_need_a_column_which_is_left_out_are_left_out(folder: Path) -> None:
    form = _load(folder, OVER + "[block.indicators.columns]\nweight = false\n[block.total.cell]\nweight = false\n"
                 "[block.total.cell.score]\nformula = 'round(sum(indicators.score), 2)'\n")  # fmt: skip
    assert "reference" not in form.columns and "share" in form.columns
    assert "weight" not in form.columns["used"].formula and "score" in form.columns["used"].formula
    assert form.column("weight") is None and form.place("total_weight") is None


def test_a_new_label_is_printed_and_the_old_one_still_read(folder: Path) -> None:
    form = _load(folder, OVER + '[block.indicators.columns.target]\nlabel = "目标"\n')
    assert form.columns["target"].printed_label == "目标"
    assert "年度指标值" in form.columns["target"].synonyms and "指标值" in form.columns["target"].synonyms


def test_a_block_may_be_written_anew(folder: Path) -> None:
    text = '[block.funds]\ninherit = false\nkind = "matrix"\nrow_label_columns = "A:C"\n'
    text += 'rows.all = { label = "资金" }\ncolumns.spent = { label = "支出", kind = "money", columns = "D" }\n'
    form = _load(folder, OVER + 'order = ["heading", "funds"]\n' + text)
    assert form.matrices["funds"].row_key == "row" and list(form.fund_columns) == ["spent"]
    assert form.place("budget") is None and form.place("executed") is None and form.fund_table == "funds"


FAULTS = {
    "an unknown key": ("[block.funds.rows.other]\nlable = 'x'\n", 'city-2026/1/form.toml 第 5 行：block.funds.rows.other.lable：没有 lable 这个键；是不是 label？'),
    "an unknown key far from any": ("colour = 'red'\n", "第 4 行：colour：没有 colour 这个键；请删去，这里可以写：schema、id"),
    "an unknown kind of block": ("[block.x]\nkind = 'list'\n", "block.x.kind"),
    "a key of another kind of block": ("[block.goal]\nrows = 3\n", "第 5 行：block.goal.rows：没有 rows 这个键"),
    "an unknown role": ("[means]\nscores = 'total.score'\n", "means"),
    "a role of nothing": ("[means]\nscore = 'indicators.scores'\n", "means.score：没有 indicators.scores 这一栏"),
    "a block that is not there": ("order = ['heading', 'sums']\n", "order：没有 block.sums 这一块"),
    "columns beyond the sheet": ("[block.heading.cell.year]\ncolumns = 'A:K'\n", "block.heading.cell.year.columns：A:K 不在 widths 的列里"),
    "columns from right to left": ("[block.heading.cell.year]\ncolumns = 'B:A'\n", "block.heading.cell.year.columns：B:A 的两列写反了"),
    "a cell without columns": ("[block.foot.cell.x]\nlabel = 'x'\n", "block.foot.cell.x.columns：没有写 columns"),
    "boxes that overlap": ("[block.indicators.columns.score]\ncolumns = 'G:H'\n", "indicators.columns.score：与 indicators.columns.weight 重叠（G13:H13 和 G13）"),
    "a label from right to left": ("[block.goal]\nlabel_columns = 'B:A'\n", "block.goal.label_columns：B:A 的两列写反了"),
    "one box twice": ("[block.foot.cell]\nx = { label = 'x', columns = 'A' }\ny = { label = 'y', columns = 'A' }\n", "foot.y：与 foot.x 重叠（A44 和 A44）"),
    "labels that are alike": ("[block.funds.rows.other]\nlabel = '上年结转资金'\n", "block.funds.rows：“ 上年结转资金”出现了 2 次"),
    "groups that are alike": ("[block.indicators.level1.output.level2.cost]\nlabel = '质量指标'\n", "block.indicators.level2：“质量指标”出现了 2 次"),
    "a key of the record twice": ("[block.foot.cell.x]\nlabel = 'x'\nkey = 'year'\ncolumns = 'A'\n", "记录里的名字 year 用了 2 次"),
    "a circle of formulas": (
        "[block.total.cell.weight]\nformula = 'total.score'\n[block.total.cell.score]\nformula = 'total.weight'\n",
        "公式要用到它自己的结果，成了环",
    ),
    "a part of nothing": ("[block.funds.rows.other]\nadds_to = 'sum'\n", "block.funds.rows.other.adds_to：rows 里没有 sum"),
    "a helper that needs what is not there": (
        "[block.indicators.helpers.mine]\nlabel = '我的'\nkind = 'points'\nformula = 'round(weights, 2)'\n",
        "block.indicators.helpers.mine.formula：没有 weights 这一栏",
    ),
    "a code of nothing": ("[block.heading.cell.name]\nbefore = 'heading.codes'\n", "block.heading.cell.name.before：没有 heading.codes 这一栏"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), FAULTS.values(), ids=FAULTS.keys())
def test_a_wrong_definition_is_refused_with_place_and_remedy(text: str, reason: str, folder: Path) -> None:
    with pytest.raises(WrongDefinition) as refusal:
        _load(folder, OVER + text)
    assert reason in str(refusal.value)


@pytest.mark.parametrize("reference", resources.definitions())
def test_a_shipped_definition_has_none_of_the_faults_that_own_ones_are_searched_for(reference: str) -> None:
    refuse_wrong_layout(load_form(reference), f"{reference}/form.toml")


def test_a_fault_of_the_parent_is_found_in_the_parents_file(folder: Path) -> None:
    (folder / "town-2026" / "1").mkdir(parents=True)
    child = 'schema = "xltool.form/2"\nid = "town-2026"\nextends = "city-2026/1"\n'
    (folder / "town-2026/1/form.toml").write_text(child, "utf-8")
    with pytest.raises(WrongDefinition):
        _load(folder, OVER + "[print]\npapr = 'A4'\n")
    with pytest.raises(WrongDefinition, match=r"city-2026/1/form\.toml 第 5 行：print\.papr"):
        load_form("town-2026/1")


def test_the_cells_of_a_matrix_know_where_they_have_a_value() -> None:
    with templates(FAMILIES):
        form = load_form("transfer/1")
    layout = Layout(form)
    assert layout.is_requested(FixedRowCell("funds", "central", "executed"))
    assert not layout.is_requested(FixedRowCell("funds", "total", "executed"))
    assert not layout.is_requested(FixedRowCell("funds", "central", "execution_rate"))
    assert layout.is_requested(FixedRowCell("management", "use", "problems"))
