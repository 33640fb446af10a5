"""The plan of an issue to its forms: one master for each kind, a form stamped and sealed for each project."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain

from xltool.form import seals
from xltool.form.seals import Seal, SealedValues
from xltool.issuing.plan import IssuePlan, PlannedForm
from xltool.write.bulk.instantiate import BulkTemplate


@dataclass(frozen=True)
class IssuedForm:
    """A project's form: what was planned, its seal, its bytes."""

    planned: PlannedForm
    seal: Seal
    content: bytes


def issue_forms(plan: IssuePlan, key: bytes | None = None) -> Iterator[IssuedForm]:
    """Every form of an issue, those alike one after the other; the same bytes for the same plan and key.

    Args:
        plan: the issue.
        key: of the bureau, if it has one.
    """
    masters = cache(lambda kind: BulkTemplate(plan.frames[kind]))
    alike: dict[object, list[PlannedForm]] = {}
    for one in plan.forms:
        alike.setdefault((one.kind, *one.capacities.items()), []).append(one)
    for one in chain.from_iterable(alike.values()):
        due = one.project.deadline.isoformat() if one.project.deadline else ""
        stated = Seal(plan.issue, one.number, seals.project_mark(one.project.key), "", due)
        issued = seals.seal_values(plan.catalogue.form.reference, SealedValues(stated, one.values, one.written), key)
        content = masters(one.kind).instantiate(issued, one.capacities, plan.verdicts[one.number])
        yield IssuedForm(one, issued.seal, content)
