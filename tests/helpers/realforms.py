"""What the tool says of real published forms, and whether a person who read the forms found it right.

``data/judgements.json`` holds one judgement for each place of each error and warning on a form whose layout has a
definition. Its ``verdict`` is ``right``, ``wrong`` with the reason in ``why``, or ``unseen`` where the transcriber
could not see the cell, so that its being blank says nothing of the form. ``acts`` says of a right warning whether a
reviewer would act on it; ``one_act`` of the places of a group that one act mends them all.

``data/observed.json`` holds the mistakes that the transcribers noted: ``rules`` are those that may say one, on a place
whose label or message contains ``where``; ``missed`` is why none does; ``beyond`` is why no form can show it.

    python tests/helpers/realforms.py                 what nobody judged yet, with the printed row beside it
    python tests/helpers/realforms.py again           everything, without the verdicts, to be judged a second time
    python tests/helpers/realforms.py compare FILE    where the verdicts of a file differ from those that are kept
    python tests/helpers/realforms.py enter FILE      keeps the verdicts of a file, and drops those on what is no longer found
"""

from __future__ import annotations

import io
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import foreign
import openpyxl
from contract import results_of_workbook
from project import DATA

from xltool.support import json_codec

JUDGEMENTS = DATA / "judgements.json"
OBSERVED = DATA / "observed.json"
SECOND = DATA / "second_judgements.json"
LEVELS = ("error", "warning")

#: What stands for a finding that nobody has judged yet; the page shows it, and the tests do not let it stay.
UNJUDGED: dict[str, Any] = {"verdict": "unjudged"}

_KEPT = ("form", "rule", "level", "label", "message", "verdict", "acts", "one_act", "why")

Finding = dict[str, Any]


@cache
def content(form: str) -> bytes:
    """A form, typed as printed."""
    return foreign.workbook([(foreign.RECORDS[form], foreign.STYLES["as printed"])])


@cache
def results(form: str) -> list[dict[str, Any]]:
    return results_of_workbook(content(form), f"{form}.xlsx")


def findings() -> Iterator[tuple[str, Finding]]:
    """Form and finding, for each finding of a rule about the form; the P rules are about the workbook we typed."""
    for name in sorted(foreign.SUPPORTED):
        for result in results(name):
            yield from ((name, one) for one in result["findings"] if one["rule"][0] != "P")


def places(finding: Finding) -> list[Finding]:
    """A finding as one for each of its places."""
    return [{**finding, **spot} for spot in finding.get("places", ())] or [finding]


def judged_places() -> Iterator[tuple[str, Finding]]:
    """Form and finding, for each place of each error and warning."""
    for form, finding in findings():
        if finding["level"] in LEVELS:
            yield from ((form, one) for one in places(finding))


def key(form: str, finding: Finding) -> tuple[str, ...]:
    return form, finding["rule"], finding["label"], finding["message"]


def judgements() -> dict[tuple[str, ...], dict[str, Any]]:
    return {key(one["form"], one): one for one in json_codec.loads(JUDGEMENTS.read_bytes())}


def second_judgements() -> list[dict[str, Any]]:
    """Where two reviewers differed, in the words that were said then: both verdicts, and how and why it was settled.

    ``settled`` is empty where the rule was changed and says it no longer, or not like this.
    """
    found: list[dict[str, Any]] = json_codec.loads(SECOND.read_bytes())
    return found


def counts() -> dict[str, Counter[str]]:
    """Verdicts by level."""
    known = judgements()
    found = {level: Counter[str]() for level in LEVELS}
    for form, one in judged_places():
        found[one["level"]][known.get(key(form, one), UNJUDGED)["verdict"]] += 1
    return found


def precision(verdicts: Counter[str]) -> float:
    judged = verdicts["right"] + verdicts["wrong"]
    return verdicts["right"] / judged if judged else 0.0


def acted_upon() -> Counter[bool | None]:
    """Whether a reviewer would act on a warning, of those that say something of what is seen; None where not judged.

    Nobody should act on what is wrong.
    """
    known = judgements()
    found: Counter[bool | None] = Counter()
    for form, one in judged_places():
        judged = known.get(key(form, one), UNJUDGED)
        if one["level"] == "warning" and judged["verdict"] != "unseen":
            found[False if judged["verdict"] == "wrong" else judged.get("acts")] += 1
    return found


def share_acted_upon(acts: Counter[bool | None]) -> float:
    known = acts[True] + acts[False]
    return acts[True] / known if known else 0.0


def to_look_at(form: str) -> Counter[str]:
    """How many things a unit has to look at, by level: a group counts as its places unless one act mends them."""
    known = judgements()
    found: Counter[str] = Counter()
    for name, finding in findings():
        if name == form and finding["level"] in LEVELS:
            spots = places(finding)
            once = all(known.get(key(form, one), UNJUDGED).get("one_act") for one in spots)
            found[finding["level"]] += 1 if once else len(spots)
    return found


def complete() -> list[str]:
    """The forms of which everything was seen."""
    return [name for name, form in sorted(foreign.SUPPORTED.items()) if not form["partial"]]


def observed() -> list[dict[str, Any]]:
    """The mistakes that the transcribers noted, each with ``found``: the rules that say it, at warning or above."""
    said: dict[str, list[Finding]] = {}
    for form, one in judged_places():
        said.setdefault(form, []).append(one)
    return [
        {**note, "found": _saying(note, said.get(note["form"], []))} for note in json_codec.loads(OBSERVED.read_bytes())
    ]


def _saying(note: dict[str, Any], said: list[Finding]) -> list[str]:
    where = note.get("where", "")
    return sorted(
        {one["rule"] for one in said if one["rule"] in note["rules"] and where in one["label"] + one["message"]}
    )


# ── what is to be judged ────────────────────────────────────────


def to_judge(again: bool = False) -> list[dict[str, Any]]:
    """The places to be judged, by form, each with the printed row in which it stands.

    Args:
        again: all of them, without their verdicts; otherwise those without one, or without ``acts`` where it is asked.
    """
    known = {} if again else judgements()
    found = []
    for form, one in judged_places():
        judged = known.get(key(form, one), UNJUDGED)
        if judged["verdict"] == "unjudged" or (_asks(one, judged) and "acts" not in judged):
            line = {"form": form, **{name: one[name] for name in _KEPT[1:5]}, "fix": one["fix"]}
            line |= {"printed": printed(form, one["cell"]), "verdict": judged["verdict"].replace("unjudged", "?")}
            line |= {"why": judged["why"]} if "why" in judged else {}
            found.append(line | ({"acts": "?"} if one["level"] == "warning" else {}))
    return found


def _asks(finding: Finding, judged: dict[str, Any]) -> bool:
    return finding["level"] == "warning" and judged["verdict"] == "right"


@cache
def _lines(form: str) -> dict[str, list[list[Any]]]:
    book = openpyxl.load_workbook(io.BytesIO(content(form)))
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def printed(form: str, cell: str | None) -> str:
    """The row of a cell as it is printed; "" for a finding about the whole form."""
    sheet, _, place = (cell or "").rpartition("!")
    number = int("".join(filter(str.isdigit, place)) or 0)
    rows = _lines(form).get(sheet.strip("'"), [])
    if not 0 < number <= len(rows):
        return ""
    return " | ".join("" if value is None else str(value).replace("\n", "") for value in rows[number - 1])


def compared(second: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Where verdicts differ from those that are kept, with both."""
    kept = judgements()
    found = []
    for one in second:
        first = kept.get(key(one["form"], one), UNJUDGED)
        differs = [name for name in ("verdict", "acts") if one.get(name, "?") not in (first.get(name), "?")]
        if differs:
            found.append({**one, "first": {name: first.get(name) for name in (*differs, "why") if name in first}})
    return found


def entered(judged: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The judgements to keep: of what is found, with those that a file adds or replaces."""
    fresh = {key(one["form"], one): {name: one[name] for name in _KEPT if one.get(name, "?") != "?"} for one in judged}
    every = {**judgements(), **{place: one for place, one in fresh.items() if "verdict" in one}}
    return [every[place] for place in dict.fromkeys(key(form, one) for form, one in judged_places()) if place in every]


def main(arguments: list[str]) -> None:
    command, *rest = arguments or [""]
    if command == "enter":
        told = entered(json_codec.loads(Path(rest[0]).read_bytes()))
        JUDGEMENTS.write_text(json_codec.dumps(told, indent=1) + "\n", encoding="utf-8")
        return
    told = (
        compared(json_codec.loads(Path(rest[0]).read_bytes())) if command == "compare" else to_judge(command == "again")
    )
    sys.stdout.write(json_codec.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
