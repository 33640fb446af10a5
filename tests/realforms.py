"""What the rules say of real published forms, and whether a person who read the forms found it right.

``data/judgements.json`` holds one judgement for each error and warning: ``right``, ``wrong`` with the reason, or
``unseen`` where the transcriber could not see the cell, so that its being blank says nothing of the form.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import foreign

from xltool import jsons
from xltool.pipeline import results_of_workbook

JUDGEMENTS = Path(__file__).parent / "data/judgements.json"
LEVELS = ("error", "warning")

#: What stands for a finding that nobody has judged yet; the page shows it, and the tests do not let it stay.
UNJUDGED: dict[str, Any] = {"verdict": "unjudged"}


def findings() -> Iterator[tuple[str, dict[str, Any]]]:
    """Form and finding, for each finding of a rule about the form; the P rules are about the workbook we typed."""
    for name, form in sorted(foreign.RECORDS.items()):
        content = foreign.workbook([(form, foreign.STYLES["as printed"])])
        for result in results_of_workbook(content, f"{name}.xlsx"):
            yield from ((name, one) for one in result["findings"] if one["rule"][0] != "P")


def key(form: str, finding: dict[str, Any]) -> tuple[str, ...]:
    return form, finding["rule"], finding["label"], finding["message"]


def judgements() -> dict[tuple[str, ...], dict[str, Any]]:
    return {key(one["form"], one): one for one in jsons.loads(JUDGEMENTS.read_bytes())}


def counts() -> dict[str, Counter[str]]:
    """Verdicts by level."""
    known = judgements()
    found = {level: Counter[str]() for level in LEVELS}
    for form, finding in findings():
        if finding["level"] in LEVELS:
            found[finding["level"]][known.get(key(form, finding), UNJUDGED)["verdict"]] += 1
    return found


def precision(verdicts: Counter[str]) -> float:
    judged = verdicts["right"] + verdicts["wrong"]
    return verdicts["right"] / judged if judged else 0.0


def page() -> str:
    """The page ``docs/realforms.md``."""
    known = judgements()
    lines = ["# 在真实的自评表上\n", "<!-- 由 make docs 生成，不要手改 -->\n"]
    lines += [
        f"把 {len(foreign.RECORDS)} 份已公布的自评表（照原样录入 `tests/data/realforms/`）读入并检查，每条错误和警告都对照原表看过。",
        "“未见”是录入的人没有看到那一格（原文残缺），空白不能算单位的错，不计入。\n",
        "| 级别 | 对 | 错 | 未见 | 未看 | 准确率 |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for level, verdicts in counts().items():
        name = {"error": "错误", "warning": "警告"}[level]
        numbers = " | ".join(str(verdicts[one]) for one in ("right", "wrong", "unseen", "unjudged"))
        lines.append(f"| {name} | {numbers} | {precision(verdicts):.3f} |")
    lines += ["", "提示（不要求更正）只列个数。\n"]
    by_form: dict[str, list[dict[str, Any]]] = {}
    for form, finding in findings():
        by_form.setdefault(form, []).append(finding)
    words = {"right": "对", "wrong": "错", "unseen": "未见", "unjudged": "未看"}
    for form, found in by_form.items():
        record = foreign.RECORDS[form]
        infos = Counter(one["rule"] for one in found if one["level"] == "info")
        told = "、".join(f"{rule}×{number}" for rule, number in infos.items()) or "没有"
        lines += [f"## {form} {record['project_name'] or ''}（{record['layout']}）\n", f"提示：{told}。\n"]
        lines += ["| 规则 | 级别 | 位置 | 结论 | 看过 |", "|---|---|---|---|---|"]
        for one in found:
            if one["level"] in LEVELS:
                judged = known.get(key(form, one), UNJUDGED)
                why = f"：{judged['why']}" if judged.get("why") else ""
                level = {"error": "错误", "warning": "警告"}[one["level"]]
                cells = (one["rule"], level, one["label"], one["message"], words[judged["verdict"]] + why)
                lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":  # prints what nobody has judged yet, ready to be judged
    known = judgements() if JUDGEMENTS.exists() else {}
    fresh = [
        {"form": form, **{name: one[name] for name in ("rule", "level", "label", "message")}, "verdict": "?"}
        for form, one in findings()
        if one["level"] in LEVELS and key(form, one) not in known
    ]
    sys.stdout.write(jsons.dumps(fresh, indent=1) + "\n")
