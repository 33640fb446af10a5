"""The page ``docs/realforms.md``: what the tool says of real published forms, and how much of it is right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import foreign
from realforms import (
    LEVELS,
    UNJUDGED,
    acted_upon,
    complete,
    counts,
    findings,
    judgements,
    key,
    observed,
    places,
    precision,
    results,
    second_judgements,
    share_acted_upon,
    to_look_at,
)

_LEVELS = {"error": "错误", "warning": "警告", "info": "提示"}
_VERDICTS = {"right": "对", "wrong": "错", "unseen": "未见", "unjudged": "未看"}


def page() -> str:
    """The page ``docs/realforms.md``."""
    lines = ["# 在真实的自评表上\n", "<!-- 由 make docs 生成，不要手改 -->\n", *_totals(), *_looked_at(), *_observed()]
    lines += [*_false(), *_twice(), *_others(), *_forms()]
    return "\n".join(lines).rstrip() + "\n"


def _table(*rows: tuple[Any, ...]) -> list[str]:
    head, *rest = ("| " + " | ".join(_cell(one) for one in row) + " |" for row in rows)
    return [head, "|" + "---|" * len(rows[0]), *rest]


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _totals() -> Iterator[str]:
    yield (
        f"把 {len(foreign.RECORDS)} 份已公布的自评表（照原样录入 `tests/data/realforms/`）读入并检查。"
        f"其中 {len(foreign.SUPPORTED)} 份的版式有定义，每条错误和警告（合成一条说的，逐处）都对照原表看过；"
        f"{len(foreign.OTHERS)} 份的版式没有定义，见[没有定义的版式](#没有定义的版式)。"
    )
    yield "“未见”是录入的人没有看到那一格（原文残缺），空白不能算单位的错，不计入；“未看”是还没有人看过。\n"
    rows = []
    for level, verdicts in counts().items():
        acts = acted_upon()
        share = f"{share_acted_upon(acts):.3f}（未看 {acts[None]}）" if level == "warning" else ""
        rows.append((_LEVELS[level], *(verdicts[one] for one in _VERDICTS), f"{precision(verdicts):.3f}", share))
    yield from _table(("级别", *_VERDICTS.values(), "准确率", "审核的人会据此行事"), *rows)
    yield "\n提示（不要求更正）只列个数。\n"


def _looked_at() -> Iterator[str]:
    yield "## 一份完整的表要看几处\n"
    yield "原文完整的表。几处合成一条说的按处数计，一次改动就都改好的计一处。目标是平均不超过 4 处。\n"
    rows = []
    for form in complete():
        found = to_look_at(form)
        rows.append((form, foreign.RECORDS[form]["layout"], found["error"], found["warning"], found.total()))
    mean = [f"{sum(row[column] for row in rows) / len(rows):.1f}" for column in (2, 3, 4)]
    yield from _table(("表", "版式", "错误", "警告", "合计"), *rows, ("平均", "", *mean))
    yield ""


def _observed() -> Iterator[str]:
    notes = observed()
    within = [one for one in notes if "beyond" not in one]
    found = sum(bool(one["found"]) for one in within)
    yield "## 录入的人看出的错\n"
    yield f"单凭一张表看得出的 {len(within)} 处，以警告或错误指出了 {found} 处（{found / len(within):.2f}）；目标是 0.90。\n"
    rows = [(one["form"], one["note"], *_whether(one)) for one in notes]
    yield from _table(("表", "看出的错", "指出", "规则或没有指出的原因"), *rows)
    yield ""


def _whether(note: dict[str, Any]) -> tuple[str, str]:
    if "beyond" in note:
        return "不计", note["beyond"]
    return ("是", "、".join(note["found"])) if note["found"] else ("否", note.get("missed", "未看"))


def _false() -> Iterator[str]:
    known = judgements()
    rows = []
    for form, finding in findings():
        for one in places(finding):
            judged = known.get(key(form, one), UNJUDGED)
            if judged["verdict"] == "wrong" and one["level"] in LEVELS:
                rows.append((form, one["rule"], _LEVELS[one["level"]], one["label"], one["message"], judged["why"]))
    yield "## 说错了的\n"
    yield from _table(("表", "规则", "级别", "位置", "结论", "为什么不对"), *rows) if rows else ["没有。"]
    yield ""


def _twice() -> Iterator[str]:
    """The places on which two reviewers differed, and how that was settled."""
    yield "## 两个人看得不一样的\n"
    yield "各处由两个人分别看过，互不知道对方的结论；不一样的对照手册定，写明理由。\n"
    rows = [
        (one["form"], one["rule"], one["label"], _words(one["first"]), _words(one["second"], one.get("second_why", "")),
         _words(one["settled"]) or "改了规则", one["why"])
        for one in second_judgements()
    ]  # fmt: skip
    yield from _table(("表", "规则", "位置", "第一人", "第二人", "定为", "理由"), *rows)
    yield ""


def _words(judged: dict[str, Any], why: str = "") -> str:
    told = [_VERDICTS[judged["verdict"]]] if "verdict" in judged else []
    told += [{True: "会据此行事", False: "不会据此行事"}[judged["acts"]]] if "acts" in judged else []
    told += [{True: "一次改好", False: "逐处改"}[judged["one_act"]]] if "one_act" in judged else []
    return "，".join(told) + (f"：{why}" if why else "")


def _others() -> Iterator[str]:
    yield "## 没有定义的版式\n"
    yield "这些表只说明像什么表，不按别的表样的规则检查：“规则结论”应为 0。\n"
    rows = []
    for name in foreign.OTHERS:
        form, said = foreign.OTHERS[name], results(name)
        told = [one for result in said for one in result["findings"]]
        judged = sum(one["rule"][0] != "P" for one in told)
        first = next((one for one in told if one["rule"][0] == "P" and one["level"] == "error"), None)
        taken = "、".join(sorted({result["form"]["id"] for result in said if result["form"]})) or "—"
        words = f"{first['rule']} {first['message']}" if first else "—"
        rows.append((name, form["title"] or "", form["layout"], taken, judged, words))
    yield from _table(("表", "标题", "版式", "认作", "规则结论", "说了什么"), *rows)
    yield ""


def _forms() -> Iterator[str]:
    known = judgements()
    by_form: dict[str, list[dict[str, Any]]] = {name: [] for name in sorted(foreign.SUPPORTED)}
    for form, finding in findings():
        by_form[form].append(finding)
    for form, found in by_form.items():
        record = foreign.RECORDS[form]
        infos = Counter(one["rule"] for one in found if one["level"] == "info")
        told = "、".join(f"{rule}×{number}" for rule, number in infos.items()) or "没有"
        yield f"## {form} {record['project_name'] or record['unit'] or ''}（{record['layout']}）\n"
        yield f"提示：{told}。\n"
        rows = [
            (one["rule"], _LEVELS[one["level"]], one["label"], one["message"], *_seen(known.get(key(form, one))))
            for finding in found
            if finding["level"] in LEVELS
            for one in places(finding)
        ]
        yield from _table(("规则", "级别", "位置", "结论", "看过", "据此行事"), *rows)
        yield ""


def _seen(judged: dict[str, Any] | None) -> tuple[str, str]:
    judged = judged or UNJUDGED
    why = f"：{judged['why']}" if judged.get("why") else ""
    return _VERDICTS[judged["verdict"]] + why, {True: "会", False: "不会", None: ""}[judged.get("acts")]
