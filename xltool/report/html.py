"""The report: one self-contained HTML file, for reviewers who have only a browser.

Texts from outside are JSON inside a script element that no browser runs; the page's script inserts them as text. The
content security policy allows this script and this style, by their hashes, and no connection.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2

from xltool import __version__
from xltool.report.drawing import Drawing, Shape, draw, html_text
from xltool.result.findings import ACTOR_NAMES, ACTORS, LEVEL_NAMES, LEVELS
from xltool.result.overview import ACCEPTED_MEANS, STATUS_NAMES, Overview, OverviewEntry
from xltool.result.result import Result
from xltool.result.roles import BUDGET, EXECUTED, GRADE, RATE, TOTAL_SCORE
from xltool.roster.model import Project
from xltool.rules.code_findings import rule_names
from xltool.support import json_codec
from xltool.support.escaping import escape_controls

_FOLDER = Path(__file__).parent / "page"

#: The most bars of a plot.
_MOST_BARS = 12

#: The figures of a form by their keys in the page: of those that it does not have, the page is told.
_FIGURES = {"b": BUDGET, "x": EXECUTED, "r": RATE, "t": TOTAL_SCORE, "g": GRADE}


def report_page(overview: Overview) -> str:
    """The report of an overview."""
    style, script = ((_FOLDER / name).read_text("utf-8") for name in ("page.css", "page.js"))
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["visible"] = escape_controls
    return environment.get_template("page.html.j2").render(
        version=__version__,
        day=overview.as_of.isoformat(),
        policy=_policy(style, script),
        style=style,
        script=script,
        data=_inert(_data(overview)),
        cards=_cards(overview),
        plots=_plots(overview),
        remarks=overview.collection_findings,
        missing=overview.missing,
        names=STATUS_NAMES,
        means=ACCEPTED_MEANS,
        levels={level: LEVEL_NAMES[level][0] for level in LEVELS},
        departments=list(overview.by_department),
        rules=[(rule, rule_names(overview).get(rule, "")) for rule in overview.by_rule],
    )


def _policy(style: str, script: str) -> str:
    """The content security policy: this style and this script only, and no connection."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode()}'"


def _inert(value: Any) -> str:
    """JSON that cannot end its script element, whatever texts it contains."""
    text = json_codec.dumps(value)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


# ── figures and plots ───────────────────────────────────────────


def _cards(overview: Overview) -> list[tuple[str, int, str]]:
    cards = [("收到", len(overview.entries), "")]
    cards += [(STATUS_NAMES[status], overview.count(status), status) for status in overview.states]
    if overview.listed is not None:
        lacks = [
            status for status in ("missing", "overdue") if status == "missing" or overview.by_missing_status.get(status)
        ]
        cards += [("名册", overview.listed, "")]
        cards += [(STATUS_NAMES[status], overview.by_missing_status.get(status, 0), status) for status in lacks]
        cards += [("迟交", overview.late, "")] if overview.late else []
    return cards


def _plots(overview: Overview) -> list[dict[str, Any]]:
    """The plots: for each bar a label, its parts in the order of the classes, and the filter that it sets."""
    names = rule_names(overview)
    rules = [
        (f"{rule} {names.get(rule, '')}", [counts.get(level, 0) for level in LEVELS], rule)
        for rule, counts in overview.by_rule.items()
    ]
    lacks = ("missing", "overdue") if overview.by_missing_status.get("overdue") else ("missing",)
    statuses = (*overview.states, *lacks)
    departments = [
        (name, [counts.get(status, 0) for status in statuses], name) for name, counts in overview.by_department.items()
    ]
    scores = [(band, [count], "") for band, count in overview.scores.items()]
    return [
        _plot("最常见的问题", "rule", rules, LEVELS, [LEVEL_NAMES[level][0] for level in LEVELS]),
        _plot("各部门", "department", departments, statuses, [STATUS_NAMES[status] for status in statuses]),
        _plot(f"{overview.scores_title}（{overview.left_out}）", "", scores, ("score",), []),
    ]


def _plot(
    title: str, kind: str, bars: Sequence[tuple[str, list[int], str]], classes: Sequence[str], legend: Sequence[str]
) -> dict[str, Any]:
    most = max((sum(parts) for _, parts, _ in bars), default=0) or 1
    drawn = []
    for label, parts, value in bars[:_MOST_BARS]:
        at, pieces = 0.0, []
        for name, number in zip(classes, parts, strict=True):
            width = 300 * number / most
            pieces.append({"class": name, "x": round(at, 2), "width": round(width, 2), "number": number})
            at += width
        drawn.append({"label": label, "pieces": pieces, "end": round(at, 2), "sum": sum(parts), "value": value})
    legends = list(zip(classes, legend, strict=False))
    return {"title": title, "kind": kind, "bars": drawn, "legend": legends, "rest": max(0, len(bars) - _MOST_BARS)}


# ── data for the script ─────────────────────────────────────────


def _data(overview: Overview) -> dict[str, Any]:
    shapes: dict[Shape, int] = {}
    texts: dict[str, int] = {}
    forms = [_form(overview, entry, shapes, texts) for entry in overview.entries]
    return {
        "forms": forms,
        "shapes": [{"widths": shape.widths, "cells": shape.cells} for shape in shapes],
        "texts": list(texts),
        "names": rule_names(overview),
        "missing": [_missing(overview, key) for key in overview.missing],
        "states": STATUS_NAMES,
        "actors": [ACTOR_NAMES[key][0] for key in ACTORS],
        "unit": overview.money_unit,
    }


def _missing(overview: Overview, project: Project) -> dict[str, Any]:
    names = {"p": project.name, "d": project.department, "u": project.unit, "c": project.code}
    days = {"l": overview.days_overdue(project)} if overview.days_overdue(project) else {}
    told_as = {key: escape_controls(text) for key, text in names.items()}
    return {"s": overview.missing_status(project), "f": "", "y": project.year, **days, **told_as}


def _form(overview: Overview, entry: OverviewEntry, shapes: dict[Shape, int], texts: dict[str, int]) -> dict[str, Any]:
    result = entry.result
    names = {"p": "name", "d": "department", "u": "unit", "c": "code"}
    drawing = draw(result) if result.record else None
    form: dict[str, Any] = {
        "s": entry.status,
        "f": escape_controls(result.file),
        "h": result.sha256[:12],
        "y": entry.year,
        "b": overview.amount(entry, BUDGET),
        "x": overview.amount(entry, EXECUTED),
        "r": entry.rate,
        "t": entry.score,
        "g": entry.grade,
        "n": entry.round,
        "o": entry.days_open,
        "l": entry.days_late or None,
        "k": [entry.counts.get(level, 0) for level in LEVELS],
        "F": _findings(result, drawing, texts),
        **{short: html_text(entry.project(key)) for short, key in names.items()},
    }
    if absent := [key for key, role in _FIGURES.items() if entry.lacks(role)]:
        form |= {"w": absent}
    if entry.fixed is not None:
        form |= {"a": entry.fixed, "z": entry.new}
    if drawing is not None:
        form |= {"S": shapes.setdefault(drawing.shape, len(shapes)), "V": drawing.values}
    return {key: value for key, value in form.items() if value not in (None, "")}


def _findings(result: Result, drawing: Drawing | None, texts: dict[str, int]) -> list[list[Any]]:
    """Findings as rows: rule, level, pin, cell, label, message, found, expected, fix, explanation, waiver, actor.

    Texts that repeat from form to form are given as indexes into one list.
    """
    rows = []
    for number, finding in enumerate(result.findings):
        pin = drawing.pins[number] if drawing else None
        reason = None if finding.waived is None else html_text(finding.waived.reason or "—")
        shared = [
            texts.setdefault(html_text(text), len(texts)) for text in (finding.label, finding.message, finding.fix)
        ]
        label, message, fix = shared
        texts_own = (finding.found, finding.expected, finding.explanation)
        own_texts = [None if text is None else html_text(text) for text in texts_own]
        level = LEVELS.index(finding.level)
        cell = finding.cell and html_text(finding.cells_text)
        rows.append([finding.rule, level, pin, cell, label, message, own_texts[0], own_texts[1], fix, own_texts[2],
                     reason, ACTORS.index(finding.actor)])  # fmt: skip
    return rows
