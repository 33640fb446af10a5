"""A round as a bureau has it: a roster, the forms issued from it, and what the units send back, of every sort.

``rounds`` has the same world as results, many times faster, for what the ledger counts; here everything is a file, and
goes through the commands that a clerk types. A unit works as a unit does: it finds its cells by their labels, and knows
nothing of the reader.
"""

from __future__ import annotations

import csv
import io
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from books import container
from corrections import FORM
from openpyxl.worksheet.worksheet import Worksheet
from reshaping import reshaped

_BUREAUS = ["安平市教育局", "安平市水利局", "安平市民政局", "安平市农业农村局", "安平市交通运输局"]
_SUBJECTS = [
    "职业技能培训",
    "校舍维修",
    "疾病预防",
    "高标准农田",
    "道路养护",
    "水质监测",
    "养老服务",
    "非遗保护",
    "防汛物资储备",
    "科普活动",
]
_PLACES = ["东城", "西山", "南湖", "北岭", "临江"]

HEAD = ["年度", "项目编码", "项目名称", "主管部门", "实施单位", "年度总体目标", "当年财政拨款", "金额单位", "截止日期", "联系人", "邮箱",
        "一级指标", "二级指标", "三级指标", "年度指标值", "分值"]  # fmt: skip


@dataclass(frozen=True)
class Indicator:
    """An approved indicator, and what the unit reached."""

    level1: str
    level2: str
    level3: str
    target: str
    weight: int
    actual: str


@dataclass(frozen=True)
class Project:
    """A line of the roster, with what its unit will report."""

    number: int
    name: str
    department: str
    unit: str
    code: str
    budget: Decimal
    indicators: tuple[Indicator, ...]

    @property
    def spent(self) -> Decimal:
        return (self.budget * Decimal("0.97")).quantize(Decimal("0.01"))


def projects(number: int = 50, seed: int = 1) -> list[Project]:
    """So many projects, no two of one name."""
    dice = random.Random(seed)
    return [_project(index, dice) for index in range(1, number + 1)]


def _project(index: int, dice: random.Random) -> Project:
    place, subject = _PLACES[index % 5], _SUBJECTS[index // 5 % 10]
    department = _BUREAUS[index % 5]
    heads = dice.randint(50, 5000)
    rows = (
        Indicator("产出指标", "数量指标", f"{subject}服务人次", f"≥{heads}人次", 20, f"{heads + 12}人次"),
        Indicator("产出指标", "质量指标", "验收合格率", "≥95%", 10, "98%"),
        Indicator("产出指标", "时效指标", "完成时间", "2024年12月底前", 10, "2024年11月20日"),
        Indicator("产出指标", "成本指标", "人均成本", "≤800元/人", 10, "760元/人"),
        Indicator("效益指标", "社会效益指标", "受益群众人数", f"≥{heads * 3}人", 20, f"{heads * 3 + 40}人"),
        Indicator("效益指标", "可持续影响指标", "设施设备完好率", "100%", 10, "100%"),
        Indicator("满意度指标", "服务对象满意度指标", "服务对象满意度", "≥90%", 10, "96%（发放问卷200份）"),
    )
    return Project(
        index, f"{place}{subject}项目{index}", department, f"{department.removesuffix('局')}{place}服务中心{index}",
        f"3301002024{index:06}", Decimal(dice.randint(1000, 90000)) / 100, rows,
    )  # fmt: skip


def roster(found: list[Project], year: int = 2024, deadline: str = "2025-03-31") -> bytes:
    """A roster as bureaus keep it: a line for each indicator, what belongs to the project on the first of them."""
    target = io.StringIO(newline="")
    lines = csv.writer(target)
    lines.writerow(HEAD)
    for one in found:
        own: list[Any] = [year, one.code, one.name, one.department, one.unit, f"完成{one.name}的年度任务", one.budget,
                          "万元", deadline, "张三", f"u{one.number}@example.cn"]  # fmt: skip
        for row in one.indicators:
            lines.writerow([*own, row.level1, row.level2, row.level3, row.target, row.weight])
            own = [""] * 11
    return target.getvalue().encode("utf-8-sig")


# ── a unit at its desk ──────────────────────────────────────────


class Desk:
    """A form opened in a program, with the cells that a unit fills in, found by their labels."""

    def __init__(self, content: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(content))
        self.sheet: Worksheet = self.book[FORM]

    def at(self, text: str, after: int = 0) -> tuple[int, int]:
        """Row and column of a label, below a row."""
        for row in self.sheet.iter_rows(min_row=after + 1, max_col=12):
            for cell in row:
                if isinstance(cell.value, str) and cell.value.replace("\n", "").replace(" ", "") == text:
                    return cell.row, cell.column
        raise LookupError(text)

    def rows(self) -> Iterator[tuple[int, str]]:
        """Each row with an indicator, and the indicator's name."""
        head, column = self.at("三级指标")
        for row in range(head + 1, self.at("总分", head)[0]):
            if self.sheet.cell(row, column).value:
                yield row, str(self.sheet.cell(row, column).value)

    def column(self, head: str) -> int:
        return self.at(head, self.at("三级指标")[0] - 1)[1]

    def put(self, row: int, column: int, value: Any) -> None:
        self.sheet.cell(row, column).value = float(value) if isinstance(value, Decimal) else value

    def save(self) -> bytes:
        target = io.BytesIO()
        self.book.save(target)
        return target.getvalue()


def _done(project: Project) -> str:
    """What was done, in words of its own for every project."""
    place, subject = _PLACES[project.number % 5], _SUBJECTS[project.number // 5 % 10]
    dice = random.Random(project.number)
    further = "、".join(f"{one}{dice.randint(3, 900)}处" for one in dice.sample(_SUBJECTS, 4))
    return f"{place}{subject}任务全部完成，服务{project.indicators[0].actual}；同时带动{further}，验收合格率98%。"


def filled(content: bytes, project: Project) -> Desk:
    """The form with everything that its unit fills in, and nothing wrong."""
    desk = Desk(content)
    fiscal, _ = desk.at("其中：当年财政拨款")
    for head, amount in (("年初预算数", project.budget), ("全年预算数", project.budget), ("全年执行数", project.spent)):
        cell = desk.sheet.cell(fiscal, desk.at(head)[1])
        if not cell.protection.locked:
            cell.value = float(amount)
    row, column = desk.at("实际完成情况")
    desk.put(row + 1, column, _done(project))
    told = {one.level3: one for one in project.indicators}
    for row, name in desk.rows():
        desk.put(row, desk.column("实际完成值"), told[name].actual)
        desk.put(row, desk.column("得分"), told[name].weight)
    return desk


# ── what units do to a form ─────────────────────────────────────


@dataclass(frozen=True)
class Sent:
    """A file as it arrives."""

    name: str
    content: bytes


Sending = Callable[[bytes, Project, Path], list[Sent]]


def _plain(change: Callable[[Desk, Project], None] = lambda desk, project: None) -> Sending:
    def send(form: bytes, project: Project, folder: Path) -> list[Sent]:
        desk = filled(form, project)
        change(desk, project)
        return [Sent(f"{project.name}.xlsx", desk.save())]

    return send


def _first(desk: Desk) -> int:
    return next(row for row, _ in desk.rows())


def _no_reason(desk: Desk, project: Project) -> None:
    desk.put(_first(desk), desk.column("得分"), 18)


def _too_many_points(desk: Desk, project: Project) -> None:
    desk.put(_first(desk), desk.column("得分"), 25)


def _no_score(desk: Desk, project: Project) -> None:
    desk.put(_first(desk), desk.column("得分"), None)


def _no_actual(desk: Desk, project: Project) -> None:
    desk.put(_first(desk), desk.column("实际完成值"), None)


def _no_goal(desk: Desk, project: Project) -> None:
    row, column = desk.at("实际完成情况")
    desk.put(row + 1, column, None)


def _blank(desk: Desk, project: Project) -> None:
    for row, _ in desk.rows():
        desk.put(row, desk.column("实际完成值"), None)
        desk.put(row, desk.column("得分"), None)
    _no_goal(desk, project)


def _year(desk: Desk, project: Project) -> None:
    row, column = next((cell.row, cell.column) for line in desk.sheet["A1:L3"] for cell in line if _is_year(cell.value))
    desk.put(row, column, 2023)


def _is_year(value: Any) -> bool:
    return value == 2024


def _formats(desk: Desk, project: Project) -> None:
    fiscal, _ = desk.at("其中：当年财政拨款")
    for head in ("年初预算数", "全年预算数", "全年执行数"):
        desk.sheet.cell(fiscal, desk.at(head)[1]).number_format = '_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ '
    rows = list(desk.rows())
    for row, name in rows:
        if name == "验收合格率":
            desk.put(row, desk.column("实际完成值"), 0.98)
            desk.sheet.cell(row, desk.column("实际完成值")).number_format = "0.00%"
        if name.endswith("服务人次"):
            desk.put(row, desk.column("实际完成值"), int(project.indicators[0].actual.removesuffix("人次")))
            desk.sheet.cell(row, desk.column("实际完成值")).number_format = '#,##0"人次"'
        desk.sheet.cell(row, desk.column("得分")).number_format = "0.00_ "


def _texts(desk: Desk, project: Project) -> None:
    fiscal, _ = desk.at("其中：当年财政拨款")
    desk.put(fiscal, desk.at("全年执行数")[1], f"{project.spent:,}万元")
    for row, _ in desk.rows():
        cell = desk.sheet.cell(row, desk.column("得分"))
        cell.value = f"{cell.value}分"


def _merged(desk: Desk, project: Project) -> None:
    first = _first(desk)
    column = desk.column("偏差原因分析及改进措施")
    desk.sheet.merge_cells(start_row=first, end_row=first + 1, start_column=column, end_column=column)


def _rows_inserted(desk: Desk, project: Project) -> None:
    desk.sheet.protection.sheet = False
    reshaped(desk.book, FORM, row=_first(desk) + 2)
    reshaped(desk.book, FORM, row=1, number=2)
    desk.sheet["A1"] = "附件3"


def _another_projects_name(desk: Desk, project: Project) -> None:
    row, column = desk.at("项目名称")
    desk.put(row, column + 2, "东城科普活动项目999")


def _protection_lifted(desk: Desk, project: Project) -> None:
    desk.sheet.protection.sheet = False
    desk.sheet["A2"].font = openpyxl.styles.Font(bold=True)


def _formula_overwritten(desk: Desk, project: Project) -> None:
    row, _ = desk.at("总分", desk.at("三级指标")[0])
    desk.put(row, desk.column("得分"), 99)


def _notes(desk: Desk, project: Project) -> None:
    desk.sheet.cell(desk.sheet.max_row + 2, 1).value = "填表人：李四　联系电话：0571-88880000"
    desk.book.create_sheet("附件")["A1"] = "佐证材料目录"


def _copied_sheet(desk: Desk, project: Project) -> None:
    desk.book.copy_worksheet(desk.sheet).title = "自评表 (2)"


def _renamed_sheet(desk: Desk, project: Project) -> None:
    """As spreadsheet programs do it: formulas and names follow."""
    desk.sheet.title = "Sheet1"
    for sheet in desk.book:
        for cell in list(vars(sheet)["_cells"].values()):
            if cell.data_type == "f" and isinstance(cell.value, str):
                cell.value = cell.value.replace(f"{FORM}!", "Sheet1!").replace(f"'{FORM}'!", "Sheet1!")
    for name in desk.book.defined_names.values():
        name.attr_text = (name.attr_text or "").replace(f"{FORM}!", "Sheet1!").replace(f"'{FORM}'!", "Sheet1!")


def _named(name: str) -> Sending:
    def send(form: bytes, project: Project, folder: Path) -> list[Sent]:
        return [Sent(name.format(project=project), filled(form, project).save())]

    return send


def _as(content: bytes, ending: str) -> Sending:
    return lambda form, project, folder: [Sent(f"{project.name}.{ending}", content)]


def _as_csv(form: bytes, project: Project, folder: Path) -> list[Sent]:
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows(filled(form, project).sheet.iter_rows(values_only=True, max_col=9))
    return [Sent(f"{project.name}.csv", lines.getvalue().encode("gb18030"))]


def _zipped(form: bytes, project: Project, folder: Path) -> list[Sent]:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{project.unit}/{project.name}.xlsx", filled(form, project).save())
    return [Sent(f"{project.unit}.zip", target.getvalue())]


def _twice(form: bytes, project: Project, folder: Path) -> list[Sent]:
    content = filled(form, project).save()
    return [Sent(f"{project.name}.xlsx", content), Sent(f"{project.name}(1).xlsx", content)]


def _two_versions(form: bytes, project: Project, folder: Path) -> list[Sent]:
    first, second = filled(form, project), filled(form, project)
    _no_reason(first, project)
    return [Sent(f"{project.name}.xlsx", first.save()), Sent(f"{project.name}-最终版.xlsx", second.save())]


def _typed(form: bytes, project: Project, folder: Path) -> list[Sent]:
    """Typed into a blank sheet after the printed form."""
    import foreign

    rate = f"{project.spent / project.budget:.2%}"
    points = str((10 * project.spent / project.budget).quantize(Decimal("0.01")))
    amounts = {"initial": str(project.budget), "adjusted": str(project.budget), "executed": str(project.spent)}
    rows = [
        {"level1": one.level1, "level2": one.level2, "level3": one.level3, "target": one.target, "actual": one.actual,
         "weight": str(one.weight), "score": str(one.weight), "reason": ""}
        for one in project.indicators
    ]  # fmt: skip
    blank = {"initial": "", "adjusted": "", "executed": "", "weight": "—", "rate": "", "score": "—"}
    made = {
        **foreign.RECORDS["001"], "title": "项目支出绩效自评表", "year": 2024, "project_name": project.name,
        "department": project.department, "unit": project.unit, "money_unit": "万元", "indicators": rows,
        "total_weight": "100", "total_score": str(90 + Decimal(points)),
        "funds": [{"label": "年度资金总额", **amounts, "weight": "10", "rate": rate, "score": points},
                  {"label": "其中：当年财政拨款", **amounts, "weight": "—", "rate": "", "score": "—"},
                  {"label": "上年结转资金", **blank}, {"label": "其他资金", **blank}],
        "goals": {"target_label": "预期目标", "actual_label": "实际完成情况",
                  "target": f"完成{project.name}的年度任务", "actual": "年度任务已经全部完成，群众反映良好。"},
    }  # fmt: skip
    return [Sent(f"{project.name}.xlsx", foreign.workbook([(made, foreign.STYLES["as printed"])]))]


def _saved_by(*programs: str) -> Sending:
    """Saved by one program after the other."""

    def send(form: bytes, project: Project, folder: Path) -> list[Sent]:
        from returned import PROGRAMS

        file = folder / f"{project.number}.xlsx"
        file.write_bytes(filled(form, project).save())
        for program in programs:
            ending, save = PROGRAMS[program]
            target = folder / f"saved by {program}" / f"{project.number}.{ending}"
            target.parent.mkdir(exist_ok=True)
            save(file, target)
            file = target
        return [Sent(f"{project.name}{file.suffix}", file.read_bytes())]

    return send


#: What kind of thing comes → how it is made; what comes of it at first stands in ``test_round_files``.
SENDINGS: dict[str, Sending] = {
    **{f"good {number}": _plain() for number in range(1, 6)},
    "points lost without a reason": _plain(_no_reason),
    "more points than there are": _plain(_too_many_points),
    "a score left blank": _plain(_no_score),
    "an actual left blank": _plain(_no_actual),
    "goal left blank": _plain(_no_goal),
    "returned blank": lambda form, project, folder: [Sent(f"{project.name}.xlsx", form)],
    "only the money filled in": _plain(_blank),
    "typed by hand": _typed,
    "saved by openpyxl": _plain(),
    "saved by exceljs": _saved_by("exceljs"),
    "saved by SheetJS": _saved_by("SheetJS"),
    "saved as xls": _saved_by("LibreOffice", "SheetJS xls"),
    "saved as xls by a script": _saved_by("SheetJS xls"),
    "saved as xls by LibreOffice": _saved_by("LibreOffice xls"),
    "saved by LibreOffice": _saved_by("LibreOffice"),
    "saved as ods": _saved_by("LibreOffice ods"),
    "another year": _plain(_year),
    "another project's name": _plain(_another_projects_name),
    "a password": _as(container("EncryptionInfo", "EncryptedPackage"), "xlsx"),
    "a document": _as(b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n", "pdf"),
    "a photo": _as(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(200), "jpg"),
    "a csv": _as_csv,
    "in an archive": _zipped,
    "a copy sent twice": _twice,
    "two versions": _two_versions,
    "number formats": _plain(_formats),
    "units and points typed": _plain(_texts),
    "renamed": _named("新建 XLSX 工作表.xlsx"),
    "named after the unit": _named("{project.unit}-自评表（盖章）.xlsx"),
    "cells merged": _plain(_merged),
    "rows inserted": _plain(_rows_inserted),
    "protection lifted": _plain(_protection_lifted),
    "a formula overwritten": _plain(_formula_overwritten),
    "notes and a further sheet": _plain(_notes),
    "the sheet copied": _plain(_copied_sheet),
    "the sheet renamed": _plain(_renamed_sheet),
}
