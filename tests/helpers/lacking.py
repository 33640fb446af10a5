"""Forms that lack what others have: their definitions say so by leaving out roles, whatever stands on the sheet.

Figures that stand in a record under the usual names are no evidence: a room that shows one has looked by name.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from project import templates

from xltool.result.record import Record
from xltool.result.result import Result
from xltool.services.read_and_check import result_of_record
from xltool.support import json_codec

_SCORES = ("weight", "score", "total_weight", "total_score", "grade", "fund_weight", "fund_score")
_FUNDS = ("funds", "initial_budget", "budget", "executed", "rate", "fund_weight", "fund_score", "money_unit")
_INDICATORS = ("indicators", "indicator", "operator", "target", "measure_unit", "actual", "weight", "score", "reason")
_GOALS = ("goal", "goal_result", "reasons")

#: Of each form the roles that it leaves out; that of a unit as a whole has its unit for a subject, and its definition
#: says the money unit.
ROLES: dict[str, dict[str, str]] = {
    "unscored": dict.fromkeys(_SCORES, "false"),
    "of-unit": {"subject": '"project.unit"', "code": "false", "money_unit": "false"},
    "bare": dict.fromkeys((*_SCORES, *_FUNDS, *_INDICATORS, *_GOALS, "department", "code", "signatures"), "false"),
}

#: Formulas that need what is left out.
_FORMULAS = {"bare": '[funds.columns.execution_rate]\ntotal_formula = "0"\n'}


@contextmanager
def lacking_forms(folder: Path) -> Iterator[None]:
    """The definitions, for as long as the block lasts."""
    for name, roles in ROLES.items():
        place = folder / "forms" / name / "1"
        place.mkdir(parents=True)
        means = "".join(f"{role} = {path}\n" for role, path in roles.items())
        head = f'schema = "xltool.form/1"\nid = "{name}"\nversion = "1"\nextends = "mof-2020/1"\nname = "{name}"\n'
        (place / "form.toml").write_text(f"{head}{_FORMULAS.get(name, '')}[means]\n{means}", "utf-8")
    with templates(folder / "forms"):
        yield


def record_of(form: str, clean: dict[str, Any]) -> Record:
    """A record of one of these forms with the contents of another."""
    return Record.from_json({**copy.deepcopy(clean), "form": {"id": form, "version": "1"}})


def result_of(form: str, clean: dict[str, Any], file: str = "") -> Result:
    """The result of checking such a record."""
    record = record_of(form, clean)
    return result_of_record(record, json_codec.dumps(record.as_json()).encode(), file or f"{form}.json")
