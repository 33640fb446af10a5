"""What the rules on texts find and what they leave alone: years, prices, decimals, empty words, copies, one cause."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import foreign
import pytest
from contract import result_of_record, results_of_workbook
from project import with_changes


def _findings(record: dict[str, Any], rule: str) -> list[dict[str, Any]]:
    return [one for one in result_of_record(record, b"", "x")["findings"] if one["rule"] == rule]


def _is_found(clean: dict[str, Any], rule: str, changes: dict[str, Any]) -> bool:
    """Whether the rule says something at warning or above, the same twice in one process."""
    record = with_changes(clean, changes)
    first, second = _findings(record, rule), _findings(record, rule)
    assert first == second
    return any(one["level"] != "info" for one in first)


#: The example is of 2024.
OTHER_YEARS = [
    "2023年11月30日前完成资金支付", "2023年12月底前", "2023年底前完成", "2023-12-31前", "2023年12月", "2023/12/31",
    "２０２３年１２月底前", "二〇二三年底前完成", "23年12月底前", "2023年第四季度前完成", "截至2023年12月31日",
    "2022年10月—2023年10月", "2023年1-12月", "2023年度完成", "2023年全年", "于2023年6月竣工", "2026年底前建成",
]  # fmt: skip
NO_DEADLINES = [
    "同比2023年销量显著提高", "比2023年提高12%", "较2023年底增长5%", "较2023年完成率提高", "高于2023年完成数",
    "按《2021—2025年规划》完成", "按2021—2025年规划完成", "2023年完成数的110%", "执行财预〔2023〕10号文件",
    "2023年省级补助资金发放率100%", "按2023年标准发放", "十年内建成", "10年内不返修", "使用30年", "巩固2023年完成的成果",
    "2024年12月底前", "2023年10月—2024年10月", "完成2023年第二批资金拨付", "自2023年起逐年下降",
]  # fmt: skip


@pytest.mark.parametrize("target", OTHER_YEARS)
def test_a_deadline_of_another_year_is_found(clean: dict[str, Any], target: str) -> None:
    assert _is_found(clean, "V09", {"indicators.2.target": target, "indicators.2.actual": "12月"})


@pytest.mark.parametrize("target", NO_DEADLINES)
def test_years_of_comparison_plans_and_documents_are_no_deadlines(clean: dict[str, Any], target: str) -> None:
    for at in ("indicators.5.target", "indicators.5.level3", "goal.expected"):
        assert not _is_found(clean, "V09", {at: target})
    assert not _is_found(clean, "V09", {"indicators.5.actual": target})


@pytest.mark.parametrize("text", ["2023年11月30日前完成资金支付", "2023年底前发放完毕", "23年12月底前拨付到位"])
def test_a_deadline_of_another_year_in_name_or_goal_is_found(clean: dict[str, Any], text: str) -> None:
    assert _is_found(clean, "V09", {"indicators.2.level3": text})
    [one] = _findings(with_changes(clean, {"goal.expected": f"{text}，培训学员。"}), "V09")
    assert one["path"] == "/goal/expected" and one["label"] == "预期目标" and one["found"] == "2023"


DATES = [
    "12月",
    "12月底前",
    "2024年12月",
    "2024年12月31日前",
    "年底前",
    "2024年底前",
    "第四季度",
    "上半年",
    "11月底前完成",
]
NO_DATES = [
    "已按要求完成",
    "全部按时完成",
    "达成目标",
    "按时完成工作任务",
    "完成",
    "已完成",
    "按时完成",
    "按期完成。",
    "及时完成",
    "已支付",
    "100%",
    "是",
    "达成预期指标",
]


@pytest.mark.parametrize("target", DATES)
def test_a_deadline_answered_without_a_date_is_found(clean: dict[str, Any], target: str) -> None:
    for actual in NO_DATES:
        assert _is_found(clean, "V09", {"indicators.2.target": target, "indicators.2.actual": actual}), actual
    for actual in ("6月", "2024年5月", "5月20日完成"):
        assert not _is_found(clean, "V09", {"indicators.2.target": target, "indicators.2.actual": actual}), actual


def test_what_is_no_deadline_may_be_answered_in_words(clean: dict[str, Any]) -> None:
    for target in ("及时", "按时完成", "1-12月发放及时", "11月底完成100%"):
        assert not _is_found(clean, "V09", {"indicators.2.target": target, "indicators.2.actual": "已完成"}), target


@pytest.mark.parametrize(
    "name",
    ["国家收购价格执行率", "政策执行率", "补助标准执行率", "合同执行率", "计划执行率", "制度执行率", "最低工资标准执行率",
     "设备使用率", "专款专用率", "资金使用合规率", "项目完成率", "床位使用率"],
)  # fmt: skip
def test_the_rate_of_a_price_or_a_policy_is_not_that_of_the_budget(clean: dict[str, Any], name: str) -> None:
    assert not _is_found(clean, "T08", {"indicators.1.level3": name})


@pytest.mark.parametrize(
    "name",
    ["预算执行率", "预算资金执行率", "项目资金执行率", "执行率", "经费使用率", "资金支付率", "预算支出进度", "专项经费执行率",
     "经费完成情况", "年度预算完成率"],
)  # fmt: skip
def test_the_execution_rate_as_an_indicator_is_found(clean: dict[str, Any], name: str) -> None:
    assert _is_found(clean, "T08", {"indicators.1.level3": name})


@pytest.mark.parametrize(
    "goal",
    [
        "培训学员，每人次补助0.4163万元",
        "培训 1,200 人次",
        "培训时间为8:30至17:30",
        "培训场地3.5公里范围内",
        "培训费０．５万元",
    ],
)
def test_a_point_or_comma_in_a_number_ends_no_sentence(clean: dict[str, Any], goal: str) -> None:
    for one in _findings(with_changes(clean, {"goal.expected": goal}), "Q03"):
        assert all(part in goal for part in ["4163", "1,200"] if part.split(",")[0] in one["message"])
        assert "0、" not in one["message"] and "1、" not in one["message"] and "8、" not in one["message"]


def test_numbered_tasks_are_still_parted(clean: dict[str, Any]) -> None:
    goal = "1.开展职业技能培训；2.举办书画展览；3、修缮宿舍楼屋面"
    [one] = _findings(with_changes(clean, {"goal.expected": goal}), "Q03")
    assert "举办书画展览、修缮宿舍楼屋面" in one["message"]


MEASURES_ONLY = [
    "加强技术指导,加大宣传力度", "下一步加强跟踪", "今后将严格按计划执行", "1.完善制度；2.强化监督", "继续做好服务",
    "在今后的工作中加强管理", "措施：1、完善制度。2、加强管理。", "不断完善工作机制", "需进一步加强", "改进措施：加强宣传",
    "我单位将进一步规范管理，提高效率", "一是加强培训，二是加快进度",
]  # fmt: skip
WITH_CAUSE = [
    "少数学员转岗；下一步加强跟踪", "宣传力度不够，加强宣传", "因疫情推迟，下一步补训", "推进缓慢，加快推进", "落实不到位，加强督促",
    "受天气影响，今后提前安排", "学员异地就业，后续跟踪服务", "提高预算准确度，尾款未付", "招标节约，下年调整预算",
]  # fmt: skip


def _short(deviation: str) -> dict[str, Any]:
    return {"indicators.5.score": 14, "indicators.5.deviation": deviation}


@pytest.mark.parametrize("text", MEASURES_ONLY)
def test_measures_without_a_cause_are_found(clean: dict[str, Any], text: str) -> None:
    assert _is_found(clean, "D03", _short(text))


@pytest.mark.parametrize("text", WITH_CAUSE)
def test_a_cause_with_measures_is_enough(clean: dict[str, Any], text: str) -> None:
    assert not _is_found(clean, "D03", _short(text))


@pytest.mark.parametrize(
    "text", ["无", "无。", "/", "——", "暂无", "无偏差", "不涉及", "N/A", "正常", "已完成", "同上", "。"]
)
def test_an_empty_reason_is_found(clean: dict[str, Any], text: str) -> None:
    assert _is_found(clean, "D02", _short(text))


@pytest.mark.parametrize("text", ["无法按期开班，下一步补训", "正常减员 2 人；加强跟踪", "完成时间推迟，今后提前安排"])
def test_a_reason_that_begins_like_an_empty_one_is_none(clean: dict[str, Any], text: str) -> None:
    assert not _is_found(clean, "D02", _short(text))


@pytest.mark.parametrize(
    "text",
    [
        "较好地完成了年度目标",
        "全部完成年度目标任务",
        "达到预期目标",
        "详见自评报告",
        "完成",
        "已完成",
        "已完成。",
        "无",
        "按计划完成",
        "全部完成",
        "达标",
        "良好",
        "同上",
        "/",
    ],
)
def test_a_completion_text_of_one_word_is_found(clean: dict[str, Any], text: str) -> None:
    assert _is_found(clean, "Q02", {"goal.actual": text})


@pytest.mark.parametrize(
    "text",
    [
        "完成年度培训目标",
        "实现了稳定就业",
        "已完成培训 120 人次",
        "完成全部 3 期培训，学员满意",
        "无障碍设施改造已完成",
    ],
)
def test_a_completion_text_that_says_what_was_done_is_enough(clean: dict[str, Any], text: str) -> None:
    assert not _is_found(clean, "Q02", {"goal.actual": text})


PAID = {
    "funds.total.executed": 100,
    "funds.fiscal.executed": 100,
    "funds.total.execution_rate": 1,
    "funds.total.score": 10,
}


@pytest.mark.parametrize(
    "actual", ["在建", "部分完成", "未建成", "建设中", "正在施工", "正在推进", "尚未完工", "未完成", "主体工程施工中"]
)
def test_money_paid_while_the_work_goes_on_is_found_once(clean: dict[str, Any], actual: str) -> None:
    changes = {**PAID, "indicators.0.target": "1座", "indicators.0.actual": actual, "indicators.0.score": 15,
               "indicators.0.deviation": "雨季停工；下一步加快进度"}  # fmt: skip
    [one] = _findings(with_changes(clean, changes), "D06")
    assert "预算却已支出 100%" in one["message"] and one["path"] == "/indicators/0/actual"
    assert not _is_found(clean, "V02", changes)  # one cause, one finding
    unpaid = {"funds.total.executed": 50, "funds.fiscal.executed": 50}
    assert not _is_found(clean, "D06", {**changes, **unpaid})
    assert _is_found(clean, "D06", {**changes, **unpaid, "indicators.0.score": 20})


@pytest.mark.parametrize("actual", ["1座", "已建成投用", "在建项目均已完工", "无未按期开班的情况"])
def test_finished_work_is_not_taken_for_unfinished(clean: dict[str, Any], actual: str) -> None:
    assert not _is_found(clean, "D06", {**PAID, "indicators.0.target": "1座", "indicators.0.actual": actual})


def test_one_fact_scored_in_three_rows_is_found(clean: dict[str, Any]) -> None:
    three = {f"indicators.{row}.{key}": value for row in (0, 4, 5)
             for key, value in (("target", "≥320人"), ("actual", "326人"))}  # fmt: skip
    [one] = _findings(with_changes(clean, three), "T06")
    assert [spot["path"] for spot in one["places"]] == [f"/indicators/{row}/target" for row in (0, 4, 5)]
    two = {key: value for key, value in three.items() if ".5." not in key}
    for innocent in (two, {**three, "indicators.5.actual": "340人"}):
        assert not _is_found(clean, "T06", innocent)
    for target, actual in (("100%", "100%"), ("≥95%", "96%"), ("3次", "3次"), ("100", "100")):
        same = {key: target if key.endswith("target") else actual for key in three}
        assert not _is_found(clean, "T06", same), target


def _copied(record: dict[str, Any]) -> dict[str, Any]:
    return {f"indicators.{index}.actual": row["target"] for index, row in enumerate(record["indicators"])}


def test_all_actuals_equal_to_all_targets_are_one_finding(clean: dict[str, Any]) -> None:
    record = with_changes(clean, _copied(clean))
    result = result_of_record(record, b"", "x")
    [one] = [one for one in result["findings"] if one["rule"] == "V05"]
    counted = [row for row in clean["indicators"] if row["target"] != "100%"]
    assert len(one["places"]) == len(counted) < len(clean["indicators"]) and "一字不差" in one["message"]
    assert not {"V04", "Q04", "Q01"} & {other["rule"] for other in result["findings"] if other["level"] != "info"}
    assert not _is_found(clean, "V05", {**_copied(clean), "indicators.0.actual": "120人次"})
    whole = {f"indicators.{index}.{key}": "100%" for index in range(7) for key in ("target", "actual")}
    assert not _is_found(clean, "V05", whole)  # a form of whole percentages says what it says


@pytest.mark.parametrize("text", ["无安全事故发生", "零投诉零事故", "未发生重大舆情"])
def test_a_fact_that_is_the_target_itself_is_no_copy(clean: dict[str, Any], text: str) -> None:
    assert not _is_found(clean, "V05", {"indicators.5.target": text, "indicators.5.actual": text})


def test_a_pair_of_copied_targets_is_one_finding(clean: dict[str, Any]) -> None:
    text = "建成全市就业服务网络体系"
    pair = {f"indicators.{row}.{key}": text for row in (4, 5) for key in ("target", "actual")}
    [one] = _findings(with_changes(clean, pair), "V05")
    assert len(one["places"]) == 2 and not _is_found(clean, "T06", pair)
    assert _is_found(clean, "T06", {**pair, "indicators.4.actual": "站点12个", "indicators.5.actual": "网点增加3个"})


def test_the_same_deadline_or_number_in_two_rows_is_no_copied_target(clean: dict[str, Any]) -> None:
    for target in ("2024年12月底前", "≥12000人次", "不低于95.50%"):
        assert not _is_found(clean, "T06", {"indicators.4.target": target, "indicators.5.target": target}), target


def test_satisfaction_without_a_survey_is_one_finding(clean: dict[str, Any]) -> None:
    changes = {
        "goal.actual": "全年培训 120 人次，达到预期。",
        "indicators.6.target": "满意度不断提升",
        "indicators.6.actual": "100%",
    }
    found = {one["rule"] for one in result_of_record(with_changes(clean, changes), b"", "x")["findings"]}
    assert "Q04" in found and not {"Q05", "V02", "Q01", "V01"} & found


def test_exchanged_values_are_a_warning_and_a_mere_likeness_is_not(clean: dict[str, Any]) -> None:
    names = {"indicators.4.level3": "部门协作紧密", "indicators.4.target": "形成各单位紧密协调的工作格局",
             "indicators.5.level3": "积极开展宣传展示", "indicators.5.target": "做好信息收集和发布"}  # fmt: skip
    swapped = {"indicators.4.actual": "积极开展宣传展示", "indicators.5.actual": "紧密协调的工作格局"}
    [one] = _findings(with_changes(clean, {**names, **swapped}), "T07")
    assert one["level"] == "warning" and len(one["places"]) == 2
    strayed = {**swapped, "indicators.5.actual": "收集信息 30 条"}
    assert [one["level"] for one in _findings(with_changes(clean, {**names, **strayed}), "T07")] == ["info"]


def test_a_missing_second_level_is_only_told(clean: dict[str, Any]) -> None:
    [one] = _findings(with_changes(clean, {"indicators.2": ""}), "T02")
    assert one["level"] == "info" and one["actor"] == "nobody"


WHOLE = [
    "服务保障全覆盖",
    "全部发放",
    "全面落实",
    "足额发放",
    "全额保障",
    "应训尽训",
    "应保尽保",
    "按时完成",
    "及时",
    "按期完工",
]
IN_PART = ["积极保障，有求必应", "标准合规、厉行节约", "响应及处置尽快", "根据来函要求做好保障"]


@pytest.mark.parametrize("target", WHOLE)
def test_a_target_of_all_is_answered_by_100_percent_and_by_nothing_else_in_figures(
    clean: dict[str, Any], target: str
) -> None:
    for actual in ("100%", "100", "１００％"):
        assert not _is_found(clean, "V02", {"indicators.0.target": target, "indicators.0.actual": actual}), actual
    for actual in ("120人次", "95%"):
        assert _is_found(clean, "V02", {"indicators.0.target": target, "indicators.0.actual": actual}), actual


@pytest.mark.parametrize("target", IN_PART)
def test_other_words_are_not_answered_by_100_percent(clean: dict[str, Any], target: str) -> None:
    [one] = _findings(with_changes(clean, {"indicators.0.target": target, "indicators.0.actual": "100%"}), "V02")
    assert one["level"] == "warning" and "两者无法对照" in one["message"]


def test_a_score_in_whole_points_is_compared_in_whole_points(clean: dict[str, Any]) -> None:
    reason = {"indicators.0.deviation": "一期培训推迟；下一步补训"}
    for actual, score, found in (
        ("92人次", 19, False), ("92人次", 18, False), ("92人次", 18.4, False), ("92人次", 18.7, True),
        ("92人次", 19.5, True), ("80人次", 17, True), ("80人次", 16, False),
    ):  # fmt: skip
        changes = {"indicators.0.actual": actual, "indicators.0.score": Decimal(str(score)), **reason}
        assert _is_found(clean, "S04", changes) is found, (actual, score)


def test_a_score_one_whole_point_below_the_full_weight_is_still_told(clean: dict[str, Any]) -> None:
    lower = {"indicators.0.score": 19}
    assert not _findings(with_changes(clean, lower), "S04")  # D01 asks for the reason, in an error
    [one] = _findings(with_changes(clean, {**lower, "indicators.0.deviation": "一期培训推迟；下一步补训"}), "S04")
    assert one["level"] == "warning" and "低于参考得分" in one["message"]


def test_rows_that_are_reached_by_their_own_value_do_not_count_as_copied(clean: dict[str, Any]) -> None:
    rows = {f"indicators.{index}.{key}": "100%" for index in range(7) for key in ("target", "actual")}
    copied = {**rows, **{f"indicators.{n}.{key}": f"≥{n + 70}%" for n in (0, 1, 4) for key in ("target", "actual")}}
    [one] = [one for one in _findings(with_changes(clean, copied), "V05") if "一字不差" in one["message"]]
    assert len(one["places"]) == 3
    two = {**copied, "indicators.4.target": "=74%", "indicators.4.actual": "=74%"}
    spent = {**copied, "indicators.4.target": "≤97.5万元", "indicators.4.actual": "≤97.5万元"}
    other = {**copied, "indicators.4.actual": "75%"}
    for changes in (two, spent, other):
        assert not any("一字不差" in one["message"] for one in _findings(with_changes(clean, changes), "V05"))


def test_usual_weights_are_only_told_where_all_weights_make_the_full_mark(clean: dict[str, Any]) -> None:
    moved = {"indicators.0.weight": 25, "indicators.0.score": 25, "indicators.4.weight": 10, "indicators.4.score": 10}
    assert {one["level"] for one in _findings(with_changes(clean, moved), "W02")} == {"info"}
    more = {"indicators.0.weight": 30, "indicators.0.score": 30, "total.weight": 110, "total.score": 110}
    [one] = _findings(with_changes(clean, more), "W02")
    assert one["level"] == "warning" and "110" in one["message"]
    assert _findings(with_changes(clean, {**more, "indicators.1.weight": None}), "W02") == []  # not read in full


def test_a_total_that_misses_what_the_weights_miss_is_one_finding(clean: dict[str, Any]) -> None:
    record = with_changes(clean, {"indicators.0.weight": 30, "indicators.0.score": 30})
    rules = {one["rule"] for one in result_of_record(record, b"", "x")["findings"] if one["level"] == "error"}
    assert "W01" in rules and "S03" not in rules
    assert _findings(with_changes(record, {"total.score": 98}), "S03")
    assert _findings(with_changes(clean, {"total.score": 98}), "S03")


def test_a_row_without_actual_value_and_score_is_one_finding(clean: dict[str, Any]) -> None:
    both = {f"indicators.{row}.{key}": None for row in (0, 4) for key in ("actual", "score")}
    record = with_changes(clean, both)
    assert [one["rule"] for one in result_of_record(record, b"", "x")["findings"] if one["rule"] in ("S01", "V02")] == [
        "S01"
    ]
    [one] = _findings(record, "S01")
    assert len(one["places"]) == 2 and "没有填完成值和得分" in one["message"]
    [one] = _findings(with_changes(clean, {"indicators.0.actual": None}), "V02")
    assert one["level"] == "error"
    [one] = _findings(with_changes(clean, {"indicators.0.score": None}), "S01")
    assert "完成值" not in one["message"]


@pytest.mark.parametrize(
    "goal",
    ["到2023年底，培训学员，提高持证率。", "2023年计划举办技能培训班，培训学员。", "截至2023年末，培训学员。",
     "2023年绩效目标：培训学员", "通过培训，到2023年底，提高持证率。", "二〇二三年计划培训学员", "力争2023年内培训学员"],
)  # fmt: skip
def test_a_goal_that_is_about_another_year_as_a_whole_is_found(clean: dict[str, Any], goal: str) -> None:
    assert [one["path"] for one in _findings(with_changes(clean, {"goal.expected": goal}), "V09")] == ["/goal/expected"]


@pytest.mark.parametrize(
    "goal",
    ["到2024年底，培训学员。", "2024年计划培训学员。", "到2025年底，持证率达到90%。", "到2023年底已培训3期，本年再培训学员。",
     "在2023年工作基础上，培训学员。", "按照2021-2025年规划，培训学员。", "2023年计划的培训班结转，2024年培训学员。",
     "依据市府办〔2023〕5号文，培训学员。", "到2023年底，已建成1座；2024年再建2座。", "落实《2023年计划》，培训学员"],
)  # fmt: skip
def test_a_goal_that_mentions_another_year_is_about_its_own(clean: dict[str, Any], goal: str) -> None:
    assert _findings(with_changes(clean, {"goal.expected": goal}), "V09") == []


def test_another_year_in_a_row_is_one_finding(clean: dict[str, Any]) -> None:
    for target, actual in (
        ("2025年12月底前", "2025年11月"), ("2023年12月底前", "已完成"), ("2023年12月底前", "2023年11月"),
    ):  # fmt: skip
        changes = {
            "indicators.2.target": target,
            "indicators.2.actual": actual,
            "indicators.2.level3": "2023年底前完成验收",
        }
        found = _findings(with_changes(clean, changes), "V09")
        assert [one["path"] for one in found] == ["/indicators/2/target"], (target, actual)
    named = {
        "indicators.2.level3": "2023年底前完成验收",
        "indicators.2.target": "做好验收",
        "indicators.2.actual": "1次",
    }
    found = {one["rule"] for one in result_of_record(with_changes(clean, named), b"", "x")["findings"]}
    assert "V09" in found and "V02" not in found


@pytest.mark.parametrize("text", ["继续努力", "再接再厉，继续努力", "加强"])
def test_a_slogan_is_neither_a_cause_nor_a_measure(clean: dict[str, Any], text: str) -> None:
    [one] = _findings(with_changes(clean, _short(text)), "D03")
    assert "既没有说偏差的原因，也没有说怎样改进" in one["message"]


@pytest.mark.parametrize("text", ["√", "见附件", "详见报告", "同上", "☑", "（见附件）"])
def test_a_completion_text_that_points_elsewhere_is_found(clean: dict[str, Any], text: str) -> None:
    assert _is_found(clean, "Q02", {"goal.actual": text})


def test_a_sheet_without_a_name_is_known_by_its_unit() -> None:
    result = _published("033")
    told = [one for one in result["findings"] if one["rule"] == "H01"]
    assert told and {one["level"] for one in told} == {"info"}
    assert not any("不知道这张表是谁的" in one["message"] for one in told)


# ── forms of other layouts ──────────────────────────────────────


def _published(name: str) -> dict[str, Any]:
    content = foreign.workbook([(foreign.RECORDS[name], foreign.STYLES["as printed"])])
    [result] = results_of_workbook(content, "x.xlsx")
    return result


def test_hubei_asks_for_its_one_reason_once_points_of_indicators_are_lost() -> None:
    record = _published("012")["record"]
    short = {"indicators.0.score": record["indicators"][0]["score"] - 2, "total.score": record["total"]["score"] - 2}
    for blank in ("", None):
        [one] = _findings(with_changes(record, {**short, "deviation": blank}), "D01")
        assert one["level"] == "error" and one["path"] == "/deviation"
    for word in ("无", "/", "暂无"):
        [one] = _findings(with_changes(record, {**short, "deviation": word}), "D02")
        assert one["level"] == "error"
    assert not _findings(with_changes(record, {**short, "deviation": "一期培训推迟；下一步补训"}), "D01")
    assert not _findings(with_changes(record, {"deviation": ""}), "D01")  # only the execution rate lost points
    # a form of which rows are missing says nothing of lost points
    assert not _findings(with_changes(record, {"indicators.0": "", "deviation": ""}), "D01")


def test_only_what_a_form_prints_is_asked() -> None:
    for name in ("012", "023"):
        result = _published(name)
        rules = {one["rule"] for one in result["findings"] if one["level"] != "info"}
        assert result["form"]["id"] == "hubei-2020" and not {"Q02", "A01"} & rules, name


def test_a_goal_that_is_printed_and_blank_is_an_error_for_both_texts_at_once(clean: dict[str, Any]) -> None:
    [one] = _findings(with_changes(clean, {"goal.expected": "", "goal.actual": ""}), "Q02")
    assert one["level"] == "error" and [spot["path"] for spot in one["places"]] == ["/goal/expected", "/goal/actual"]


def test_a_number_in_the_place_of_a_reason_is_found_once(clean: dict[str, Any]) -> None:
    [one] = _findings(with_changes(clean, {f"indicators.{row}.deviation": "0" for row in (0, 1, 2)}), "D02")
    assert one["level"] == "warning" and len(one["places"]) == 3
    assert [one["level"] for one in _findings(with_changes(clean, {"indicators.0.deviation": "无"}), "D02")] == ["info"]


def test_measures_written_in_more_or_less_words_are_the_same(clean: dict[str, Any]) -> None:
    for target, actual in (("10场次", "10场"), ("5个", "5个项目"), ("500元/人/年", "500元/人·年"), ("3处", "3处房屋")):
        assert not _is_found(clean, "V03", {"indicators.0.target": target, "indicators.0.actual": actual}), target
    for target, actual in (("10场", "10次"), ("5个", "5户"), ("500元/人", "500元/户")):
        assert _is_found(clean, "V03", {"indicators.0.target": target, "indicators.0.actual": actual}), target


def test_a_shorter_time_than_planned_reaches_its_target(clean: dict[str, Any]) -> None:
    assert not _is_found(clean, "S11", {"indicators.2.target": "15个工作日", "indicators.2.actual": "12个工作日"})
    assert _is_found(clean, "S11", {"indicators.2.target": "15个工作日", "indicators.2.actual": "20个工作日"})
