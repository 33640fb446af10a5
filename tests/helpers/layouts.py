"""What each family of printed forms prints around its tables: headings, blocks, lines below; for ``typed``.

A value is the name of a field of the transcription, or begins with ``=`` and is what people write there where the
transcriber handed nothing on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Lines = tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True)
class Layout:
    """What a family prints.

    Attributes:
        heading: lines of labels with their values; a label of ``OWN`` is printed only where the form has it.
        side: the side label of the funds; the money unit is added.
        columns: heads of the indicators, where the transcription has none.
        over: a head printed over several heads of the funds, which then have two lines.
        block: label and text of the lines between funds and goals, under a side label.
        indicators: the side label of the indicators.
        total: the label of the last row.
        after: lines of a label and a value below the table.
        notes: lines below everything.
    """

    heading: Lines
    side: str = "项目资金"
    columns: tuple[str, ...] = ()
    over: tuple[str, tuple[str, ...]] = ("", ())
    block: tuple[str, tuple[tuple[str, str], ...]] = ("", ())
    indicators: str = "绩效指标"
    total: str = "总分"
    after: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


_NAME = (("项目名称", "project_name"),)
_CONTACT = (("项目负责人", "=张某某"), ("联系电话", "=0838-7210000"))
_BODIES = (("主管部门", "department"), ("实施单位", "unit"))
_PLAIN: Lines = (_NAME, _BODIES, _CONTACT)

#: Labels that only some forms of a family print; the transcription says which.
OWN = ("单位名称", "填报日期", "项目类别", "项目属性", "项目类型", "项目实施内容及过程概述", "自评得分", "财政审核评分")

_BANDS = (
    "注：1.得分一档最高不能超过该指标分值上限。",
    "2.定性指标根据指标完成情况分为达成预期指标、部分达成预期指标并具有一定效果、未达成预期指标且效果较差三档，"
    "分别按照该指标对应分值区间100-80%(含80%)、80-60%(含60%)、60-0%合理确定得分。",
)

LAYOUTS: dict[str, Layout] = {
    "std": Layout(_PLAIN),
    "dept_overall": Layout(((("部门(单位)名称", "unit"),),), side="部门整体支出资金"),
    "std+op": Layout(_PLAIN, after=(("其他需要说明事项", "=无"),)),
    "ab": Layout(_PLAIN, notes=_BANDS),
    "hubei20": Layout(
        (
            (("单位名称", "department"), ("填报日期", "=2023年3月10日")),
            _NAME,
            (("主管部门", "department"), ("项目实施单位", "unit")),
            (("项目类别", "=1、部门预算项目 ☑　2、市直专项 □　3、市对下转移支付项目 □"),),
            (("项目属性", "=1、持续性项目 □　2、新增性项目 ☑"),),
            (("项目类型", "=1、常年性项目 □　2、延续性项目 □　3、一次性项目 ☑"),),
        ),
        side="预算执行情况",
        indicators="年度绩效目标1(80分)",
        after=(("偏差大或目标未完成原因分析", "form_level_reason"), ("改进措施及结果应用方案", "=")),
    ),
    "sichuan": Layout(
        (
            _NAME,
            (("主管部门", "department"), ("实施单位(盖章)", "unit")),
            (("项目实施内容及过程概述", "=简要说明项目实施内容及过程(100字以内)"),),
        ),
        side="预算执行情况",
        total="合计",
        after=(("评价结论", "="), ("存在问题", "="), ("改进措施", "=")),
        notes=("项目负责人：　　　　　　财务负责人：",),
    ),
    "beijing2016": Layout((_NAME, (("主管部门及代码", "department"), ("实施单位", "unit")))),
    "ab-noscore": Layout((_NAME, (("主管部门", "department"), ("项目实施单位", "unit")), (("填报日期", ""),))),
    "transfer": Layout(
        (
            (("转移支付(项目)名称", "project_name"),),
            (("中央主管部门", "=财政部、人力资源社会保障部"),),
            (("地方主管部门", "department"), ("资金使用单位", "unit")),
        ),
        side="项目资金",
        columns=("一级指标", "二级指标", "三级指标", "年度指标值", "全年完成值", "未完成原因和改进措施"),
        block=(
            "资金管理情况",
            (
                ("分配科学性", "按照资金管理办法分配"),
                ("下达及时性", "在规定时间内下达"),
                ("拨付合规性", "按规定拨付"),
                ("使用规范性", "专款专用，未发现截留、挪用"),
                ("执行准确性", "按预算执行"),
                ("预算绩效管理情况", "按要求开展绩效监控和自评"),
                ("支出责任履行情况", "已落实本级支出责任"),
            ),
        ),
    ),
    "sichuan-ab%": Layout(
        (_NAME, (("市县财政部门", "="), ("主管部门", "department"))),
        side="预算执行情况",
        total="得分合计",
    ),
    "sichuan2020-noscore": Layout(
        ((("单位名称", "department"),),), columns=("一级指标", "二级指标", "三级指标", "指标值", "完成值")
    ),
    "other-4part": Layout((*_PLAIN, (("自评得分", "total_score"), ("财政审核评分", "=")))),
    "other-guangshui": Layout(
        _PLAIN, over=("预算安排资金", ("中央", "省、地", "本级", "其他", "合计")), total="自评总分"
    ),
    "other-suzhou": Layout(_PLAIN, over=("其中", ("其中:结转数", "财政收回数"))),
    "other-fujian": Layout((_NAME,), total="自评总分"),
}

#: A kind of form that its layout does not tell.
_KINDS = {("std", "dept_overall"): "dept_overall", ("ab-noscore", "transfer"): "transfer"}


def layout(form: dict[str, Any]) -> Layout:
    """The layout of a transcription."""
    name = form["layout"]
    return LAYOUTS[_KINDS.get((name, form["kind"]), name)]


def heading(form: dict[str, Any]) -> list[list[tuple[str, Any]]]:
    """The lines of the heading with their values, without what this form does not print."""
    own = form["extra_header"] or {}
    found = []
    for line in layout(form).heading:
        shown = [
            (label, value(form, own[label] if isinstance(own, dict) and label in own else key))
            for label, key in line
            if (label not in OWN or label in own or form["layout"] == "sichuan2020-noscore")
            and (line != _CONTACT or form["has_contact"])
        ]
        found += [shown] if shown else []
    return found


def value(form: dict[str, Any], key: str) -> Any:
    """What stands beside a label."""
    return key[1:] or None if key.startswith("=") else form.get(key, key or None)
