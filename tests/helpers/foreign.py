"""Forms typed by hand in the official layouts, by people who never saw our template; shares no code with the reader.

``RECORDS`` are transcriptions of published forms; ``STYLES`` are the ways in which people type them.
"""

from __future__ import annotations

import io
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter
from project import DATA
from typed import FUND_KEYS, HEAD_KEYS, typed

Form = dict[str, Any]

RECORDS: dict[str, Form] = {
    file.stem: json.loads(file.read_text("utf-8")) for file in sorted((DATA / "realforms").glob("*.json"))
}

#: Which definition reads a family.
DEFINITIONS = {"std": ("mof-2020", "shanghai-2020"), "std+op": ("std-op-2020",), "ab": ("ab-2020",),
               "hubei20": ("hubei-2020",), "sichuan": ("sichuan-2022",), "beijing2016": ("beijing-2016",)}  # fmt: skip

#: Forms of a layout that has a definition, and the others, which are named and not judged.
SUPPORTED = {name: form for name, form in RECORDS.items() if form["layout"] in DEFINITIONS}
OTHERS = {name: form for name, form in RECORDS.items() if name not in SUPPORTED}


@dataclass
class Style:
    """How somebody types a form.

    Attributes:
        label: what becomes of a printed label.
        amount, rate, points: what becomes of a number's text; a text stays text, a Decimal is typed as a number.
        top, left: where the form begins.
        merged: whether level cells are merged; where not, ``repeated`` says whether they are printed on every row.
        unit: where the money unit stands: side, corner (a cell 单位：万元) or heads.
        year: title, own (a cell of its own) or number.
        glued: whether level-1 labels carry points.
        shuffled: whether fund rows stand in another order.
        serial, remark, gap: further columns: 序号 before, 备注 after, an empty one in the middle.
        notes: lines below the table.
        inline: whether heading values stand behind their label in one cell.
        blanks: whether blank rows stand between indicators.
        fractions: whether rates are typed as fractions.
        grouped: whether 指标性质, 指标值 and 度量单位 stand under one head 年度指标值.
    """

    label: Callable[[str], str] = lambda text: text
    amount: Callable[[str], Any] = lambda text: Decimal(text)
    rate: Callable[[str], Any] = lambda text: text
    points: Callable[[str], Any] = lambda text: Decimal(text)
    top: int = 1
    left: int = 1
    merged: bool = True
    repeated: bool = False
    unit: str = "side"
    year: str = "own"
    glued: bool = False
    shuffled: bool = False
    serial: bool = False
    remark: bool = False
    gap: bool = False
    notes: tuple[str, ...] = ()
    inline: bool = False
    blanks: bool = False
    fractions: bool = False
    grouped: bool = False


def _spaced(text: str) -> str:
    return "　".join(text) if len(text) <= 4 else text


def _broken(text: str) -> str:
    middle = len(text) // 2
    return f"{text[:middle]}\n{text[middle:]}" if len(text) > 3 and "(" not in text else text


def _wide(text: str) -> str:
    return text.translate(str.maketrans("0123456789.,%", "０１２３４５６７８９．，％"))


def _thousands(text: str) -> str:
    return f"{Decimal(text):,f}"


def _as_fraction(text: str) -> Any:
    return Decimal(text.rstrip("%")) / 100 if text.endswith("%") else text


def _without_sign(text: str) -> Any:
    return Decimal(text.rstrip("%")) if text.endswith("%") else text


STYLES: dict[str, Style] = {
    "as printed": Style(),
    "labels with spaces": Style(label=_spaced),
    "labels broken over lines": Style(label=_broken),
    "labels with colons": Style(label=lambda text: f"{text}："),
    "wide brackets in labels": Style(label=lambda text: text.replace("(", "（").replace(")", "）")),
    "begins at B2 under two titles": Style(top=3, left=2),
    "levels on every row": Style(merged=False, repeated=True),
    "levels printed once": Style(merged=False),
    "points glued to levels": Style(glued=True),
    "unit in a corner": Style(unit="corner"),
    "unit in the heads": Style(unit="heads"),
    "year in the title": Style(year="title"),
    "year as a number": Style(year="number"),
    "fund rows in another order": Style(shuffled=True),
    "a column of numbers before": Style(serial=True),
    "a column of remarks behind": Style(remark=True),
    "an empty column in the middle": Style(gap=True),
    "notes below": Style(notes=("注：1.得分最高不超过分值。", "填表人：张三　联系电话：12345678")),
    "numbers as text": Style(amount=lambda text: text, points=lambda text: text),
    "amounts with commas": Style(amount=_thousands),
    "full-width digits": Style(amount=_wide, points=_wide, rate=_wide),
    "units typed": Style(amount=lambda text: f"{text}UNIT", points=lambda text: f"{text}分"),
    "rates as fractions": Style(rate=_as_fraction, fractions=True),
    "rates without a sign": Style(rate=_without_sign),
    "values behind their labels": Style(inline=True),
    "blank rows between": Style(blanks=True),
    "heads of two lines": Style(grouped=True),
}


def workbook(forms: list[tuple[Form, Style]], one_sheet: bool = False) -> bytes:
    """Forms typed into a workbook: each on a sheet of its own, or one below the other."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    below = 0
    sheet = None
    for number, (form, style) in enumerate(forms, 1):
        if sheet is None or not one_sheet:
            sheet, below = book.create_sheet(f"表{number}"), 0
        made = typed(form, style)
        top, left = style.top - 1 + below, style.left - 1
        if style.top > 2 and not below:
            sheet.cell(1, 1, "附件2")
            sheet.cell(2, style.left, "XX市2023年度部门项目绩效自评材料")
        for (row, column), value in made.cells.items():
            cell = sheet.cell(row + top, column + left, float(value) if isinstance(value, Decimal) else value)
            if isinstance(value, Decimal) and (row, column) in made.formats:
                cell.number_format = made.formats[row, column]
            elif isinstance(value, str):
                cell.data_type = "s"
        for first, start, last, end in made.merges:
            area = f"{get_column_letter(start + left)}{first + top}:{get_column_letter(end + left)}{last + top}"
            sheet.merge_cells(area)
        below += max(row for row, _ in made.cells) + 3
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


# ── what must be read ───────────────────────────────────────────

LEVEL2 = {"满意度指标": "服务对象满意度指标", "服务对象满意度指标等": "服务对象满意度指标",
          "数量指标(必填硬性指标)": "数量指标", "时效指标(必填)": "时效指标", "成本指标(必填硬性指标)": "成本指标"}  # fmt: skip
SOURCES = {"年度资金总额": "total", "总额": "total", "年度财政资金总额": "total", "当年财政拨款": "fiscal",
           "本年财政拨款": "fiscal", "财政资金": "fiscal", "本年一般公共预算拨款": "fiscal", "上年结转资金": "carryover",
           "其他资金": "other", "财政专户管理资金": "special_account", "单位资金": "own"}  # fmt: skip
_RECORD_KEYS = {"initial": "initial_budget", "adjusted": "adjusted_budget", "rate": "execution_rate"}
_ROW_RECORD_KEYS = {"op": "operator", "unit": "measure_unit", "reason": "deviation"}


def expected(form: Form) -> dict[str, Any]:
    """Every field that the form shows, by path, with the value that a careful clerk would type."""
    project = form["project_name"] or ""
    found: dict[str, Any] = {"year": form["year"], "money_unit": form["money_unit"],
                             "project.department": form["department"], "project.unit": form["unit"]}  # fmt: skip
    code = re.match(r"(5100\w+)-(.+)", project)
    found |= {"project.code": code[1], "project.name": code[2]} if code else {"project.name": project or None}
    if form["goals"]:
        found |= {"goal.expected": form["goals"]["target"], "goal.actual": form["goals"]["actual"]}
    for fund in form["funds"]:
        source = SOURCES[re.sub("^其中[:：]?|[:：]$", "", fund["label"])]
        for head in form["fund_columns"]:
            key = FUND_KEYS.get(head)
            if key and fund.get(key) is not None:
                found[f"funds.{source}.{_RECORD_KEYS.get(key, key)}"] = _number(fund[key], key)
    counts: dict[str, int] = {}
    for one in form["indicators"]:
        shown = [key for head in form["indicator_columns"] if (key := HEAD_KEYS.get(head)) and key[:5] != "level"]
        if not any(one.get(key) for key in [*shown, "level3"]):
            continue
        level2 = LEVEL2.get(one["level2"], one["level2"])
        number = counts[level2] = counts.get(level2, -1) + 1
        for key in [*shown, "level3"]:
            value = one.get(key)
            number_like = _number(value, key) if key in ("weight", "score") else value
            found[f"indicators.{level2}.{number}.{_ROW_RECORD_KEYS.get(key, key)}"] = number_like or None
    for key in ("total_weight", "total_score"):
        if form[key]:
            found[key.replace("_", ".")] = _number(form[key].rstrip("分"), key)
    if form["layout"] == "hubei20":
        found["deviation"] = form["form_level_reason"]
    return found


def _number(text: str | None, key: str) -> Decimal | None:
    if not text or text in ("—", "-", "/"):
        return None
    if key == "rate":
        return Decimal(text.rstrip("%")) / 100 if text.endswith("%") else Decimal(text)
    return Decimal(text.removesuffix("万元").removesuffix("元").replace(",", ""))


def shown(record: dict[str, Any]) -> dict[str, Any]:
    """A record's fields by the same paths."""
    found: dict[str, Any] = {key: record.get(key) for key in ("year", "money_unit", "deviation")}
    for group in ("project", "goal", "total"):
        found |= {f"{group}.{key}": value for key, value in record.get(group, {}).items()}
    for fund in record["funds"]:
        found |= {f"funds.{fund['source']}.{key}": value for key, value in fund.items()}
    counts: dict[str, int] = {}
    for one in record["indicators"]:
        number = counts[one["level2"]] = counts.get(one["level2"], -1) + 1
        found |= {f"indicators.{one['level2']}.{number}.{key}": value for key, value in one.items()}
    return found


def mixed(seed: int) -> Style:
    """Several habits at once, as they come."""
    dice = random.Random(seed)
    style = Style()
    for name in dice.sample(sorted(STYLES), 4):
        other = STYLES[name]
        style = replace(style, **{key: value for key, value in vars(other).items() if value != vars(Style())[key]})
    return style
