"""The plan of an issue to its forms: one master for each kind, a form stamped and sealed for each project."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain

from xltool.form import seals
from xltool.form.seals import Issued, Seal
from xltool.issuing.plan import Plan, Planned
from xltool.write.bulk.instantiate import Master


@dataclass(frozen=True)
class Made:
    """A project's form: what was planned, its seal, its bytes."""

    planned: Planned
    seal: Seal
    content: bytes


def made(plan: Plan, key: bytes | None = None) -> Iterator[Made]:
    """Every form of an issue, those alike one after the other; the same bytes for the same plan and key.

    Args:
        plan: the issue.
        key: of the bureau, if it has one.
    """
    masters = cache(lambda kind: Master(plan.frames[kind]))
    alike: dict[object, list[Planned]] = {}
    for one in plan.forms:
        alike.setdefault((one.kind, *one.capacities.items()), []).append(one)
    for one in chain.from_iterable(alike.values()):
        due = one.project.deadline.isoformat() if one.project.deadline else ""
        stated = Seal(plan.issue, one.number, seals.project_mark(one.project.key), "", due)
        issued = seals.sealed(plan.catalogue.form.reference, Issued(stated, one.values, one.written), key)
        content = masters(one.kind).stamped(issued, one.capacities, plan.verdicts[one.number])
        yield Made(one, issued.seal, content)
