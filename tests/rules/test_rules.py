"""Each rule finds what it is for, nothing else, and says where and how to mend it."""

from __future__ import annotations

import copy
import string
from pathlib import Path
from typing import Any

import pytest
import returned
from contract import result_of_record, result_of_workbook
from project import DATA, ROOT, templates, with_changes

from xltool.form.answers import Answers
from xltool.form.record import answers_of_record, needed_capacities
from xltool.form.references import all_references
from xltool.report.reference import rule as rule_page
from xltool.result.record import Record
from xltool.rules import check
from xltool.rules.catalogue import Catalogue
from xltool.rules.check_runner import AT_FAULT
from xltool.rules.loading import load_catalogue
from xltool.rules.rule import Rule
from xltool.support import json_codec
from xltool.write.workbook import build

CATALOGUE = load_catalogue("mof-2020/1")
with templates(DATA / "strict"):
    STRICT = load_catalogue("strict-2020/1")  # where everything is in force that is off by default
EXAMPLES = [(rule, example) for rule in CATALOGUE.rules.values() for example in rule.examples]


def found_in(record: dict[str, Any], catalogue: Catalogue = CATALOGUE) -> list[tuple[str, str, str]]:
    given = Record.from_json(record)
    answers, paths = answers_of_record(given, catalogue.layout(needed_capacities(given, catalogue.form)))
    return [(one.rule, one.level, one.path) for one in check.check_answers(catalogue, answers, paths, {}, None)]


def test_the_clean_record_has_no_finding(clean: dict[str, Any]) -> None:
    assert found_in(clean) == []
    assert found_in(clean) == []  # a check that fires once only would be a one-shot generator


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=lambda one: getattr(one, "id", ""))
def test_an_example_of_a_rule_is_found_by_it(clean: dict[str, Any], rule: Rule, example: Any) -> None:
    record = with_changes(clean, example.changes)
    for _ in range(2):
        found = found_in(record, STRICT if rule.disabled else CATALOGUE)
        assert (rule.id in {one for one, _, _ in found}) is example.finds


@pytest.mark.parametrize("finds", [True, False], ids=["bad", "good"])
def test_every_evaluated_rule_has_a_good_and_a_bad_example(finds: bool) -> None:
    with_example = {rule.id for rule, example in EXAMPLES if example.finds is finds}
    evaluated = {check.rule.id for check in STRICT.checks if check.rule.checked_by != "workbook"}
    assert evaluated - with_example == set() and len(evaluated) > 60


def test_what_is_off_is_asked_of_nobody_who_did_not_ask_for_it() -> None:
    off = {rule.id for rule in CATALOGUE.rules.values() if rule.disabled}
    assert off == {"S07", "S09", "S10", "V07"}
    assert off & ({check.rule.id for check in CATALOGUE.checks} | set(CATALOGUE.on_panel)) == set()


def test_signatures_are_asked_where_the_form_has_them() -> None:
    asked = {one: load_catalogue(one) for one in ("mof-2020/1", "hubei-2020/1", "sichuan-2022/1")}
    values = {one: [check.value for check in found.checks if check.rule.id == "A01"] for one, found in asked.items()}
    assert values == {
        "mof-2020/1": [],
        "hubei-2020/1": ["heading.fill_date", "foot.head"],
        "sichuan-2022/1": ["foot.project_lead", "foot.finance_lead"],
    }
    layout = asked["hubei-2020/1"].layout()
    for date, finds in ((None, True), ("2021年3月15日", False)):
        answers = Answers(layout, {("fill_date",): date})
        inquiry = asked["hubei-2020/1"].check_runner(layout, "workbook")
        said = dict(zip(inquiry.instances, inquiry.without_suppressed(inquiry.verdicts(answers)), strict=True))
        assert any(said[one] == AT_FAULT for one in said if one.rule.id == "A01" and one.at == ("fill_date",)) is finds


@pytest.mark.parametrize("reference", all_references())
def test_a_rules_page_says_what_must_hold_of_every_case_that_is_asked(reference: str) -> None:
    catalogue = load_catalogue(reference)
    for rule in catalogue.rules.values():
        asked = {check.case for check in catalogue.checks if check.rule is rule}
        evaluated = [case for case in rule.cases if not case.key]
        page = rule_page(catalogue, rule)
        assert page.count("- 必须：") + page.count("本表样不适用") == len(evaluated)
        assert rule.disabled or page.count("- 必须：") == len(asked)


def test_a_rule_without_a_formula_says_why() -> None:
    for rule in STRICT.rules.values():
        assert bool(rule.why_python) is (rule.checked_by == "python"), rule.id


MISTAKES = [
    (
        "a weight of 101",
        {"indicators.0.weight": 101},
        [("W04", "error"), ("D01", "error")],  # not also S04, W05: one cause
    ),
    ("a score above its weight", {"indicators.0.score": 21}, [("S02", "error"), ("S03", "error")]),
    ("text in a money cell", {"funds.carryover.executed": "两万"}, [("F01", "error")]),
    ("a year 20200", {"year": 20200}, [("H02", "error")]),
    ("negative money", {"funds.carryover.executed": -1}, [("F01", "error"), ("F02", "error")]),
    ("a blank project name", {"project.name": ""}, [("H01", "error")]),
]


@pytest.mark.parametrize(("changes", "expected"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES])
def test_a_known_mistake_gives_exactly_these_findings(
    clean: dict[str, Any], changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert sorted((rule, level) for rule, level, _ in found_in(with_changes(clean, changes))) == sorted(expected)


@pytest.mark.parametrize(("changes", "expected"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES])
def test_the_same_mistake_in_a_workbook_is_found_with_its_cell(
    clean: dict[str, Any], changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    record = with_changes(clean, changes)
    answers, _ = answers_of_record(Record.from_json(record), CATALOGUE.layout())
    result = result_of_workbook(build(CATALOGUE, answers), "x.xlsx")
    wanted = {rule for rule, _ in expected} - {"S03", "F02"}  # in a workbook the totals are formulas
    assert wanted == {finding["rule"] for finding in result["findings"]}
    for finding in result["findings"]:
        assert finding["cell"].startswith("自评表!")
        assert finding["message"] and finding["fix"] and finding["basis"] and finding["label"]


def _seed_findings(name: str) -> list[tuple[str, str, str]]:
    lines = (ROOT / "examples/results.jsonl").read_text("utf-8").splitlines()
    result = next(one for one in map(json_codec.loads, lines) if one["file"].endswith(name))
    return [(one["rule"], one["level"], one["cell"]) for one in result["findings"]]


def _without_remarks(found: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return [one for one in found if one[0] != "V01"]  # the rows that people judge are counted apart


def test_seed_1_yields_these_findings_and_no_other() -> None:
    found = _seed_findings("form1.xlsx")
    assert _without_remarks(found) == [
        ("D01", "error", "自评表!I36"),  # 长效管理, 人员配置: 5 of 6, no reason
        ("F09", "warning", "自评表!E6"),  # 826,500 cut to 636,500: -22.99 %, Shanghai asks from 20 %
        ("V02", "warning", "自评表!F26"),  # 标准合规: 100%; 服务保障全覆盖 is answered by 100%
        ("V05", "warning", "自评表!F36"),  # 提升工作效率, 人员配置, 一盘棋 end the target
        ("T06", "warning", "自评表!E31"),  # 脱贫标准 twice
        ("Q04", "warning", "自评表!F40"),  # no survey
        ("T02", "info", "自评表!C23"),  # no 时效指标
        ("Q03", "info", "自评表!F11"),  # 援外保障 and 课题研究 are not answered
    ]
    assert [cell for rule, _, cell in found if rule == "V01"] == ["自评表!E13", "自评表!E19", "自评表!E29"]


def test_seed_2_as_printed_yields_these_findings_and_no_other() -> None:
    found = _seed_findings("form2.xlsx")
    assert _without_remarks(found) == [
        ("F08", "warning", "自评表!H6"),  # a third spent: neither S14 nor F11 says it again
        ("V02", "warning", "自评表!F13"),  # 有求必应: 58批, 做好保障: 100%, 标准合规: 100%
        ("T06", "warning", "自评表!E36"),  # 良好形象 twice
        ("T07", "warning", "自评表!F37"),  # 部门协作紧密 and 积极开展宣传展示 are exchanged
        ("Q01", "warning", "自评表!E29"),  # 良好形象, 积极
        ("Q04", "warning", "自评表!F40"),  # no survey
        ("F05", "info", "自评表!H6"),  # 33.96 % printed for 33.9542 %: rounded up
        ("S12", "info", "自评表!H43"),  # 90 of 90
        ("T02", "info", "自评表!C23"),  # no 时效指标
    ]
    assert [cell for rule, _, cell in found if rule == "V01"] == ["自评表!E37", "自评表!E38"]


def test_the_budget_change_of_seed_1_is_no_finding_where_the_threshold_is_thirty_percent(seed: dict[str, Any]) -> None:
    national = {**seed, "form": {"id": "mof-2020", "version": "1"}, "money_unit": "万元"}
    found = [finding["rule"] for finding in result_of_record(national, b"", "x")["findings"]]
    assert "F09" not in found


def test_a_rounding_habit_is_named() -> None:
    lines = (ROOT / "examples/results.jsonl").read_text("utf-8").splitlines()
    finding = next(one for one in json_codec.loads(lines[1])["findings"] if one["rule"] == "F05")
    assert "进一" in finding["message"] and finding["found"] == "33.96%" and finding["expected"] == "33.95%"


BLANKS = [
    ({"funds.total.execution_rate": ""}, ("F05", "/funds/0/execution_rate")),
    ({"funds.total.score": ""}, ("F06", "/funds/0/score")),
    ({"total.score": ""}, ("S03", "/total/score")),
    ({"total.weight": ""}, ("W01", "/total/weight")),
    ({"funds.total.executed": "", "funds.fiscal.executed": ""}, ("F05", "/funds/0/executed")),
    ({"funds.total.adjusted_budget": "", "funds.fiscal.adjusted_budget": ""}, ("F05", "/funds/0/adjusted_budget")),
]


@pytest.mark.parametrize(("changes", "expected"), BLANKS)
def test_a_blank_figure_is_an_error(clean: dict[str, Any], changes: dict[str, Any], expected: tuple[str, str]) -> None:
    errors = [(rule, path) for rule, level, path in found_in(with_changes(clean, changes)) if level == "error"]
    assert expected in errors


@pytest.mark.parametrize(
    ("rate", "level"),
    [("0.9", None), ("0.8998", "error"), ("0.89", "error"), ("0.91", "error"), ("90", "error")],
)
def test_a_rate_is_judged_at_its_own_decimals(clean: dict[str, Any], rate: str, level: str | None) -> None:
    changes = {f"funds.{row}.executed": 90 for row in ("total", "fiscal")}
    record = with_changes(clean, {**changes, "funds.total.execution_rate": json_codec.loads(rate)})
    assert {found[1] for found in found_in(record) if found[0] == "F05"} == ({level} if level else set())


@pytest.mark.parametrize(
    ("executed", "rate", "level"),
    [
        ("33.9542", "0.3395", None),
        ("33.9542", "0.3396", "info"),  # 进一
        ("33.9562", "0.3395", "info"),  # 截断
        ("33.9542", "0.34", "info"),  # 整数
        ("33.9542", "0.33", "info"),  # 整数, 截断
        ("33.9542", "0.339542", "info"),  # 未取整
        ("33.9542", "0.3397", "error"),
    ],
)
def test_every_rounding_habit_has_its_level(clean: dict[str, Any], executed: str, rate: str, level: str | None) -> None:
    amounts = {f"funds.{row}.executed": json_codec.loads(executed) for row in ("total", "fiscal")}
    record = with_changes(clean, {**amounts, "funds.total.execution_rate": json_codec.loads(rate)})
    assert {found[1] for found in found_in(record) if found[0] == "F05"} == ({level} if level else set())


def test_an_explanation_stays_with_its_warning(tmp_path: Path, seed: dict[str, Any]) -> None:
    from contract import fill

    told = {"T02": "批复的目标表没有时效指标", "Q04": "发放问卷 60 份"}
    record = {**seed, "explanations": [{"rule": rule, "text": text} for rule, text in told.items()]}
    result = result_of_workbook(fill(record, as_printed=True).content, "x.xlsx")
    assert result["record"]["explanations"] == record["explanations"]
    found = {one["rule"]: one for one in result["findings"]}
    assert {rule: found[rule]["explanation"] for rule in told} == told
    assert (found["T02"]["level"], found["Q04"]["level"]) == ("info", "warning")


def test_every_case_has_both_languages_and_a_remedy() -> None:
    for rule in CATALOGUE.rules.values():
        assert rule.name and rule.name_en and rule.basis
        for case in rule.cases:
            assert case.message and case.message_en and case.fix and case.fix_en
            foreign = set(filter(str.isalpha, case.fix_en)) - set(string.ascii_letters) - set("说明自检分未完成")
            assert not foreign, (rule.id, foreign)


@pytest.mark.parametrize(
    ("path", "most"), [(("goal", "actual"), 100), (("conclusion",), 200), (("problems",), 200), (("measures",), 200)]
)
def test_a_text_longer_than_the_form_prints_is_told_with_the_form_s_own_limit(path: tuple[str, ...], most: int) -> None:
    """Sichuan prints 限 100 字 and 限 200 字; the limit stands in the form's definition and nowhere else."""
    record = copy.deepcopy(returned.record("015"))
    for letters, level in ((most, None), (most + 1, "warning")):
        node: Any = record
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = "字" * letters
        said = [one for one in result_of_record(record, b"", "x.json")["findings"] if one["rule"] == "D08"]
        assert [one["level"] for one in said] == ([level] if level else [])
        assert all(f"超过 {most} 字" in one["message"] for one in said)
