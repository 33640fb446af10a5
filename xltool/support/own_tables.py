"""The lists and books that this tool writes beside the forms: their columns, and how they are known again.

They lie in the folders that forms are collected in, under whatever name; none of them is somebody's submission.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

#: The list of an issue, for people and for mailing: columns with their widths in Excel's units.
ISSUED: dict[str, float] = {
    "编号": 18, "年度": 7, "项目编码": 20, "项目名称": 36, "主管部门": 24, "实施单位": 26, "截止日期": 12,
    "联系人": 10, "电话": 16, "邮箱": 24, "文件": 60,
}  # fmt: skip

#: The list of what goes back.
RETURNED = ("项目名称", "主管部门", "实施单位", "状态", "错误", "警告", "交回的文件", "退回的文件", "原件")

#: The list of reminders, with widths.
REMINDERS: dict[str, float] = {
    "主管部门": 20, "实施单位": 20, "项目名称": 24, "项目编码": 16, "联系人": 9, "联系电话": 15, "邮箱": 22,
    "截止日期": 12, "天数": 6, "事由": 10, "催办内容": 56,
}  # fmt: skip

#: The summary of a round.
SUMMARY = ("序号", "项目名称", "主管部门", "实施单位", "年度", "全年预算数", "全年执行数", "执行率", "得分", "等级",
           "轮次", "错误数", "逾期天数", "状态")  # fmt: skip

#: The title of the page that says how an empty roster is filled in; the form's name follows.
ROSTER_TITLE = "项目名册怎样填："

#: Where an empty roster keeps the form it was made for: a document property, and a defined name.
ROSTER_PROPERTY, ROSTER_NAME = "xltool-roster", "xl_roster"

_HEADS = {"签发清单": tuple(ISSUED), "退回清单": RETURNED, "催办清单": tuple(REMINDERS), "汇总表": SUMMARY}

#: Every ledger carries this number where SQLite keeps the application's.
LEDGER_MARK = 0x786C746C

_UNIT = re.compile(r"\(万?元\)$")
_RESULT = re.compile(r'\s*\{\s*"schema":\s*"xltool\.result/')
_MANIFEST = re.compile(r'\s*\{\s*"issue":\s*"[^"]+",\s*"number":\s*\d+,\s*"code":')
_PAGE = '<meta name="generator" content="xltool '

#: A list is known by its head in one of so many lines; so many columns may have been taken out of it.
LINES, _LACKING = 5, 2


def known_table(lines: Iterable[Sequence[str]]) -> str:
    """The kind of our list that begins with these lines; "" for any other."""
    for _, line in zip(range(LINES), lines, strict=False):
        texts = {_UNIT.sub("", unicodedata.normalize("NFKC", text).strip()) for text in line}
        for name, heads in _HEADS.items():
            if len(set(heads) - texts) <= _LACKING:
                return name
        if any(text.startswith(unicodedata.normalize("NFKC", ROSTER_TITLE)) for text in texts):
            return "名册"
    return ""


def known_bytes(content: bytes) -> str:
    """The kind of our file, other than a workbook, that these bytes are; "" for any other."""
    if content.startswith(b"SQLite format 3") and int.from_bytes(content[68:72], "big") == LEDGER_MARK:
        return "台账"
    text = content[:8192].decode("utf-8-sig", "ignore")
    if _RESULT.match(text):
        return "检查结果"
    if _MANIFEST.match(text):
        return "签发清单"
    if _PAGE in text:
        return "网页报告"
    lines = list(csv.reader(io.StringIO("\n".join(line for line in text.splitlines()[:LINES] if '"' not in line))))
    return known_table(lines) or ("名册" if any(map(_heads_a_roster, lines)) else "")


def _heads_a_roster(line: Sequence[str]) -> bool:
    """Whether a line of a text table names the columns of a roster; a form has each of these labels in another line."""
    texts = {text.strip() for text in line}
    return {"项目名称", "实施单位"} <= texts and not texts.isdisjoint(("年度", "截止日期", "项目编码", "金额单位"))
