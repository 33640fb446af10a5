"""Forms of other families typed by hand, block by block, by somebody who never saw our template; for ``type_table``.

A line is a row, ``|`` parts its cells. The blocks of a form can be typed in any order.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl
from foreign_tables import type_table

#: The blocks of each form in the order of the printed one.
BLOCKS: Mapping[str, Mapping[str, str]] = {
    "transfer": {
        "heading": """
转移支付区域（项目）绩效自评表
（2023年度）
转移支付（项目）名称|||就业补助资金
中央主管部门|||财政部、人力资源社会保障部
地方主管部门|||某省人力资源社会保障厅|资金使用单位|某市人力资源社会保障局
""",
        "funds": """
资金投入情况（万元）|||全年预算数（A）|全年执行数（B）|预算执行率（B/A×100%）
||年度资金总额|300|270|90%
||其中：中央财政资金|200|180
||地方资金|80|70
||其他资金|20|20
""",
        "management": """
资金管理情况|||情况说明|||存在问题和改进措施
|分配科学性||按因素法分配|||无
|下达及时性||三十日内下达|||下达偏晚，已督促
|拨付合规性||国库集中支付
|使用规范性||专款专用|||无
|执行准确性||按预算执行|||年底前有结余
|预算绩效管理情况||全过程管理
|支出责任履行情况||本级配套已到位|||无
""",
        "goal": """
总体目标完成情况|总体目标|||全年实际完成情况
|稳定就业，培训学员|||新增就业8000人，培训学员1200人
""",
        "indicators": """
绩效指标|一级指标|二级指标|三级指标|指标值|全年实际完成值|未完成原因和改进措施
|产出指标|数量指标|培训人次|≥1000人次|1200人次
|||新增就业|≥8500人|8000人|企业用工减少，加大援企力度
||质量指标|培训合格率|≥95%|97%
|效益指标|社会效益指标|登记失业率|≤5%|4.2%
|满意度指标|服务对象满意度指标|学员满意度|≥90%|93%
""",
        "remarks": """
说明|||本表由市级汇总
""",
    },
    "dept-overall": {
        "heading": """
部门整体支出绩效自评表
（2023年度）
部门（单位）名称||某市教育局
""",
        "funds": """
预算整体情况（万元）|||年初预算数|全年预算数|全年执行数|分值|执行率|得分
|部门支出总额||1000|1100|990|10|90%|9
|基本支出|小计|600|650|650|—|100%
||财政拨款|500|550|550|—|100%
||其他资金|100|100|100|—|100%
|项目支出|小计|400|450|340|—|75.56%
||财政拨款|300|350|240|—|68.57%
||其他资金|100|100|100|—|100%
""",
        "goal": """
年度总体目标|预期目标||||实际完成情况
|办好人民满意的教育||||各项目标基本完成
""",
        "tasks": """
年度主要任务|任务名称|||主要内容||完成情况
|校舍维修|||维修校舍12处||已完成
|教师培训|||培训教师800人||培训教师760人
""",
        "indicators": """
绩效指标|一级指标|二级指标|三级指标|年度指标值|实际完成值|分值|得分|偏差原因分析及改进措施
|产出指标|数量指标|维修校舍|≥12处|12处|30|30
|||培训教师|≥800人|760人|20|19|教师出差，明年补训
|效益指标|社会效益指标|入学率|≥99%|99.5%|30|30
|满意度指标|服务对象满意度指标|家长满意度|≥90%|92%|10|10
""",
        "total": """
总分||||||100|98
""",
        "signatures": """
单位负责人|||李某某|||填表人|王某某
""",
    },
    "indicators-first": {
        "heading": """
项目绩效自评表（指标在前）
（2023年度）
项目名称||农村道路维修
主管部门||某市交通局||实施单位|某县交通局
""",
        "goal": """
年度总体目标|预期目标||||实际完成情况
|维修道路20公里||||维修道路18公里
""",
        "indicators": """
绩效指标|一级指标|二级指标|三级指标|年度指标值|实际完成值|分值|得分|偏差原因分析及改进措施
|产出指标|数量指标|维修里程|≥20公里|18公里|50|45|雨季停工，明年完成
|效益指标|社会效益指标|受益村|≥10个|12个|30|30
|满意度指标|服务对象满意度指标|群众满意度|≥90%|95%|10|10
""",
        "funds": """
项目资金（万元）|||年初预算数|全年预算数|全年执行数|分值|执行率|得分
||年度资金总额|500|500|450|10|90%|9
||其中：当年财政拨款|300|300|280|—
||上年结转资金|50|50|50|—
||其他资金||||—
||专项债券资金|150|150|120|—
""",
        "total": """
总分||||||100|94
""",
    },
}

#: What of each must be read, by path; rows of tables by number.
EXPECTED: Mapping[str, Mapping[str, Any]] = {
    "transfer": {
        "year": 2023, "money_unit": "万元", "project.name": "就业补助资金", "central": "财政部、人力资源社会保障部",
        "project.department": "某省人力资源社会保障厅", "project.unit": "某市人力资源社会保障局",
        "funds.total.adjusted_budget": 300, "funds.total.execution_rate": 0.9, "funds.central.executed": 180,
        "funds.local.executed": 70, "funds.other.adjusted_budget": 20,
        "management.allocation.situation": "按因素法分配", "management.issuing.problems": "下达偏晚，已督促",
        "management.payment.problems": None, "management.responsibility.situation": "本级配套已到位",
        "goal.expected": "稳定就业，培训学员", "goal.actual": "新增就业8000人，培训学员1200人",
        "indicators.数量指标.0.level3": "培训人次", "indicators.数量指标.1.deviation": "企业用工减少，加大援企力度",
        "indicators.质量指标.0.actual": "97%", "indicators.社会效益指标.0.target": "≤5%",
        "indicators.服务对象满意度指标.0.level3": "学员满意度", "explanation": "本表由市级汇总",
    },
    "dept-overall": {
        "year": 2023, "money_unit": "万元", "project.unit": "某市教育局", "funds.total.adjusted_budget": 1100,
        "funds.total.score": 9, "funds.basic.executed": 650, "funds.basic_fiscal.initial_budget": 500,
        "funds.basic_other.adjusted_budget": 100, "funds.project.execution_rate": 0.7556,
        "funds.project_fiscal.executed": 240, "funds.project_other.executed": 100,
        "goal.expected": "办好人民满意的教育", "goal.actual": "各项目标基本完成",
        "tasks.0.name": "校舍维修", "tasks.0.content": "维修校舍12处", "tasks.1.result": "培训教师760人",
        "indicators.数量指标.1.score": 19, "indicators.社会效益指标.0.weight": 30, "total.weight": 100, "total.score": 98,
        "signatures.head": "李某某", "signatures.filler": "王某某",
    },
    "indicators-first": {
        "year": 2023, "money_unit": "万元", "project.name": "农村道路维修", "project.department": "某市交通局",
        "project.unit": "某县交通局", "goal.actual": "维修道路18公里", "indicators.数量指标.0.score": 45,
        "indicators.服务对象满意度指标.0.actual": "95%", "funds.total.executed": 450, "funds.fiscal.executed": 280,
        "funds.carryover.initial_budget": 50, "funds.other.executed": None, "funds.bonds.executed": 120,
        "funds.total.score": 9, "total.weight": 100, "total.score": 94,
    },
}  # fmt: skip


def workbook(form: str, order: Sequence[str] = (), **blocks: str) -> bytes:
    """A form typed into a workbook.

    Args:
        form: the form.
        order: its blocks from top to bottom; as printed if empty.
        blocks: blocks that are typed otherwise.
    """
    texts = {**BLOCKS[form], **blocks}
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    type_table(sheet, "".join(texts[name].strip() + "\n" for name in order or texts))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def value_at(record: Mapping[str, Any], path: str) -> Any:
    """The value of a record: rows of matrices by id, of tables with groups by group and number."""
    node: Any = record
    parts = path.split(".")
    while parts:
        if isinstance(node, list) and not parts[0].isdigit():
            key = parts.pop(0)
            rows = [row for row in node if key in row.values()]
            node = rows if parts[0].isdigit() else (rows or [{}])[0]
        elif isinstance(node, list):
            number = int(parts.pop(0))
            node = node[number] if number < len(node) else {}
        else:
            node = (node or {}).get(parts.pop(0))
    return node
