"""A new field has its rules by itself, in the sheet and in Python; what a form cannot be asked is listed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from commands import run
from contract import result_of_workbook
from engines import ENGINES
from project import FAMILIES, catalogue_with_rules, templates

from xltool.form.answers import Answers
from xltool.form.own_sheets import CHECK
from xltool.form.places import Place
from xltool.language.functions import SheetError, Value
from xltool.report import reference
from xltool.rules.applicability import reason
from xltool.rules.catalogue import Catalogue
from xltool.rules.loading import load_catalogue
from xltool.rules.rule import CheckInstance
from xltool.support.errors import WrongDefinition
from xltool.workbook.letters import column_letters
from xltool.write.workbook import build

#: A form that adds to the national one a field of each kind, and no rule.
_FORM = """
schema = "xltool.form/2"
id = "somewhere-2024"
version = "1"
extends = "mof-2020/1"
[widths]
J = 12
K = 12
L = 12
[block.heading.cell.manager]
label = "项目经理"
kind = "text"
label_columns = "A:B"
columns = "C:E"
line = 4
required = true
[block.heading.cell.category]
label = "项目类别"
kind = "choice"
choices = ["新增", "延续"]
label_columns = "F"
columns = "G:I"
line = 4
[block.foot.cell.summary]
label = "工作总结"
kind = "text"
label_columns = "A:C"
columns = "D:I"
line = 1
limit = 10
[block.foot.cell.opinion]
label = "审核意见"
kind = "text"
label_columns = "A:C"
columns = "D:F"
line = 2
required = true
[block.foot.cell.review]
label = "复核分"
kind = "points"
label_columns = "G"
columns = "H:I"
line = 2
[block.funds.columns.unspent]
label = "结余数"
kind = "money"
columns = "J"
[block.indicators.columns.evidence]
label = "佐证材料"
kind = "text"
columns = "J"
limit = 5
required = true
[block.indicators.columns.checked]
label = "核定分"
kind = "points"
columns = "K"
"""


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """The rules of a form with a new field of each kind."""
    folder = tmp_path_factory.mktemp("new_fields")
    (folder / "somewhere-2024/1").mkdir(parents=True)
    (folder / "somewhere-2024/1/form.toml").write_text(_FORM, "utf-8")
    with templates(folder):
        yield load_catalogue("somewhere-2024/1")


#: A value of a new field, by its name, the rule that finds it, and its level.
FAULTS: list[tuple[str, Value, str, str]] = [
    ("heading.manager", None, "H01", "error"),
    ("heading.manager", SheetError("#REF!"), "H01", "error"),
    ("heading.category", "其他", "H06", "error"),
    ("foot.summary", "字" * 11, "D08", "warning"),
    ("foot.summary", SheetError("#REF!"), "T04", "error"),
    ("foot.opinion", None, "H07", "error"),
    ("foot.opinion", SheetError("#REF!"), "H07", "error"),
    ("foot.review", "优", "H08", "error"),
    ("foot.review", Decimal(-1), "H08", "error"),
    ("foot.review", Decimal(101), "H08", "error"),
    ("foot.review", Decimal("9.875"), "S15", "warning"),
    ("funds.fiscal.unspent", "两万", "F01", "error"),
    ("funds.fiscal.unspent", Decimal(-1), "F01", "error"),
    ("indicators.evidence", None, "H07", "error"),
    ("indicators.evidence", "字" * 6, "D08", "warning"),
    ("indicators.evidence", "XX", "T04", "error"),
    ("indicators.checked", "优", "H08", "error"),
    ("indicators.checked", Decimal("9.875"), "S15", "warning"),
]


def _place(catalogue: Catalogue, name: str) -> Place:
    """The cell of a new field; of a column of the indicators that in the first row."""
    layout = catalogue.layout()
    block, *rest = name.split(".")
    if block == "indicators":
        return layout.form.indicator_cell(0, rest[0])
    return next(place for place in layout.places if layout.form.full_name(place) == name)


def _fault(catalogue: Catalogue, place: Place, rule: str, answers: Answers) -> CheckInstance:
    """The first check instance of a rule about a place that is at fault."""
    runner = catalogue.check_runner(answers.layout, "sheet")
    verdicts = runner.verdicts(answers)
    at_fault = [runner.instances[number] for number in runner.faults(verdicts)]
    return next(one for one in at_fault if one.rule.id == rule and one.at == place)


@pytest.mark.parametrize(("name", "value", "rule", "level"), FAULTS, ids=[f"{one[0]}-{one[2]}" for one in FAULTS])
def test_a_new_field_has_its_rules_by_itself_in_both_worlds(
    catalogue: Catalogue, name: str, value: Value, rule: str, level: str
) -> None:
    layout, place = catalogue.layout(), _place(catalogue, name)
    row = {layout.form.indicator_cell(0, column): text for column, text in (("level3", "人次"), ("evidence", "名单"))}
    usual = {_place(catalogue, "heading.manager"): "张三", _place(catalogue, "foot.opinion"): "同意"}
    answers = Answers(layout, {**row, **usual, place: value})
    instance = _fault(catalogue, place, rule, answers)
    assert instance.case.level == level
    if isinstance(value, SheetError):  # nobody types one into a workbook that is written here
        return
    content = build(catalogue, answers)
    cell = f"{CHECK}!{column_letters(instance.number)}{instance.row}"
    for engine in ENGINES.values():
        assert engine(content, [cell]) == {cell: instance.number}
    findings = result_of_workbook(content, "x.xlsx")["findings"]
    address = f"自评表!{layout.box(place).first}"
    assert (rule, level) in {(one["rule"], one["level"]) for one in findings if address in _cells(one)}


def _cells(finding: dict[str, Any]) -> set[str]:
    """The cells that a finding is about."""
    return {finding["cell"], *(place["cell"] for place in finding.get("places", ()))}


def test_fields_without_a_fault_are_silent(catalogue: Catalogue) -> None:
    layout = catalogue.layout()
    values: dict[str, Value] = {
        "heading.manager": "张三", "heading.category": "新增", "foot.summary": "已完成全部工作", "foot.opinion": "同意",
        "foot.review": Decimal(90), "funds.fiscal.unspent": Decimal(2), "indicators.level3": "人次",
        "indicators.evidence": "名单", "indicators.checked": Decimal(9),
    }  # fmt: skip
    places = {_place(catalogue, name): value for name, value in values.items()}
    new = {place for name, place in ((name, _place(catalogue, name)) for name in values) if name != "indicators.level3"}
    runner = catalogue.check_runner(layout, "workbook")
    verdicts = runner.verdicts(Answers(layout, places))
    assert [
        runner.instances[number].rule.id for number in runner.faults(verdicts) if runner.instances[number].at in new
    ] == []


def test_a_column_of_money_is_added_up_by_the_rule_of_sums(catalogue: Catalogue) -> None:
    asked = {check.only for check in catalogue.checks if check.rule.id == "F02"}
    assert asked == {("initial_budget", "adjusted_budget", "executed", "unspent")}


def test_rows_of_any_table_are_asked() -> None:
    """A required column of a table that is not that of indicators, and has no column for the state of its rows."""
    with templates(FAMILIES):
        catalogue = load_catalogue("dept-overall/1")
        layout = catalogue.layout()
        cells = layout.table_row_cells["tasks"][1]
        answers = Answers(layout, {cells["name"]: "修路"})
        instance = _fault(catalogue, cells["result"], "H07", answers)
        assert instance.row == layout.box(cells["result"]).top
        content = build(catalogue, answers)
        cell = f"{CHECK}!{column_letters(instance.number)}{instance.row}"
        for engine in ENGINES.values():
            assert engine(content, [cell]) == {cell: instance.number}
        finding = next(one for one in result_of_workbook(content, "x.xlsx")["findings"] if one["rule"] == "H07")
        assert finding["cell"] == f"自评表!{layout.box(cells['result']).first}" and "修路" in finding["label"]


# ── what a form cannot be asked ─────────────────────────────────


def test_what_a_form_cannot_be_asked_is_kept_with_the_reason() -> None:
    hubei = load_catalogue("hubei-2020/1")
    reasons = {rule: {reason(hubei.form, one) for one in unasked} for rule, unasked in hubei.not_asked.items()}
    assert reasons["W05"] == reasons["S04"] == {"没有“分值”一栏"}
    assert reasons["F02"] == {"没有“各项资金来源”一栏", "没有“小计”一栏"}
    assert reasons["F09"] == {"没有“年初预算数”一栏"}
    assert reasons["H07"] == {"没有其他必填的栏目"}
    assert "H01" not in reasons and "F05" not in reasons


@pytest.mark.parametrize("name", ["mof-2020/1", "hubei-2020/1", "transfer/1"])
def test_every_case_is_asked_or_listed(name: str) -> None:
    with templates(FAMILIES):
        catalogue = load_catalogue(name)
    for rule in catalogue.rules.values():
        asked = {check.case for check in catalogue.checks if check.rule is rule}
        listed = {one.case for one in catalogue.not_asked.get(rule.id, ())}
        for number, case in enumerate(rule.cases, 1):
            assert case.key or rule.disabled or case in asked or number in listed, (rule.id, number)


def test_the_commands_list_and_count_what_does_not_apply() -> None:
    told = run("rules", "--form", "hubei-2020").stdout.decode("utf-8")
    listed = told.partition("不适用（")[2]
    assert "W05 分值过于集中：没有“分值”一栏" in listed
    assert "F10 单位量级疑点（第 2 种情况）：没有“年初预算数”一栏" in listed
    catalogue = load_catalogue("hubei-2020/1")
    assert listed.count("\n  ") == len(catalogue.not_asked)
    counts = reference.rule_counts(catalogue)
    assert counts in run("forms").stdout.decode("utf-8") and counts in run("forms", "hubei-2020").stdout.decode("utf-8")
    page = run("rules", "W05", "--form", "hubei-2020").stdout.decode("utf-8")
    assert "本表样不适用：没有“分值”一栏" in page and "例：" not in page


# ── needs ───────────────────────────────────────────────────────


_RULE = """
[X99]
name = "试"
name_en = "try"
why = "x"
why_en = "x"
basis = "x"
{keys}
[[X99.case]]
{case}
message = "x"
message_en = "x"
fix = "x"
fix_en = "x"
"""


def _with_rule(folder: Path, keys: str, case: str) -> Catalogue:
    """The rules of a form with one rule of its own."""
    return catalogue_with_rules(folder, _RULE.format(keys=keys, case=case))


@pytest.mark.parametrize(
    ("keys", "missing"),
    [
        ('needs = ["operator"]', "指标性质"),
        ('needs = ["foot.lottery"]', "foot.lottery"),
        ('optional = ["operator"]', "指标性质"),
    ],
)
def test_a_rule_without_what_it_needs_is_not_asked(tmp_path: Path, keys: str, missing: str) -> None:
    case = 'at = "means.subject"\nmust = "count(means.operator.every) == 0"'
    catalogue = _with_rule(tmp_path, keys, case)
    [unasked] = catalogue.not_asked["X99"]
    assert reason(catalogue.form, unasked) == f"没有“{missing}”一栏"
    assert not catalogue.applies(catalogue.rules["X99"])


def test_an_optional_name_that_no_form_has_is_no_mistake(tmp_path: Path) -> None:
    case = 'at = "means.subject"\nmust = "length(foot.lottery) > 1"'
    assert "X99" in _with_rule(tmp_path, 'optional = ["foot.lottery"]', case).not_asked


def test_an_optional_field_that_a_form_lacks_is_not_filled_in(tmp_path: Path) -> None:
    case = 'at = "means.subject"\nmust = "not filled(foot.lottery) and filled(means.subject)"'
    catalogue = _with_rule(tmp_path, 'optional = ["foot.lottery"]', case)
    layout = catalogue.layout()
    for name, at_fault in ((None, True), ("修路", False)):
        place = _place(catalogue, "heading.name")
        runner = catalogue.check_runner(layout, "sheet")
        verdicts = runner.verdicts(Answers(layout, {place: name}))
        assert ("X99" in {runner.instances[number].rule.id for number in runner.faults(verdicts)}) is at_fault


WRONG = {
    "a name that nobody mentions": (
        "",
        'at = "means.subject"\nmust = "filled(foot.lottery)"',
        "写进 needs 或 optional",
    ),
    "rows that are none": ("", 'at = "means.subject"\nmust = "count(means.budget.evry) > 0"', "means.budget.evry"),
    "a role that is none": (
        'needs = ["budgte"]',
        'at = "means.subject"\nmust = "filled(value)"',
        "没有用途或栏目 budgte",
    ),
    "a selected role that is none": ('select = { role = "budgte" }', 'must = "filled(value)"', "没有用途 budgte"),
    "a block that is none": ('select = { in = "heding" }', 'must = "filled(value)"', "哪个表样都没有块 heding"),
    "an exception that is none": ('select = { has = "limit", except = "remrks" }', 'must = "filled(value)"', "remrks"),
    "a property that is none": ('select = { has = "colour" }', 'must = "filled(value)"', "X99.select"),
    "an empty selector": ("select = {}", 'must = "filled(value)"', "X99.select"),
    "an item that is none": ('each = "lottery.rows"', 'at = "x"\nmust = "1 == 1"', "哪个表样都没有 lottery.rows"),
}


@pytest.mark.parametrize(("keys", "case", "why"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_of_the_author_is_refused_with_file_key_and_remedy(
    tmp_path: Path, keys: str, case: str, why: str
) -> None:
    with pytest.raises(WrongDefinition) as caught:
        _with_rule(tmp_path, keys, case)
    assert "mine-2024/1/rules.toml" in str(caught.value) and "X99" in str(caught.value) and why in str(caught.value)
