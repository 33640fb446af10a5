"""The plan of an issue to its forms: one master for each kind, a form stamped and sealed for each project."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain

from xltool.form import seals
from xltool.form.answers import Answers
from xltool.form.seals import Seal, SealedValues
from xltool.issuing.plan import IssuePlan, PlannedForm
from xltool.support.templates import Templates, current_templates, using
from xltool.write.bulk.instantiate import BulkTemplate
from xltool.write.workbook import build


@dataclass(frozen=True)
class IssuedForm:
    """A project's form: what was planned, its seal, its bytes."""

    planned: PlannedForm
    seal: Seal
    content: bytes


def issue_forms(plan: IssuePlan, key: bytes | None = None, templates: Templates | None = None) -> Iterator[IssuedForm]:
    """Every form of an issue, those alike one after the other; the same bytes for the same plan and key.

    Args:
        plan: the issue.
        key: of the bureau, if it has one.
        templates: the owner of definitions and caches; the present one where none is named.
    """
    owner = templates or current_templates()
    masters = cache(lambda kind: BulkTemplate(plan.profiles[kind]))
    alike: dict[object, list[PlannedForm]] = {}
    for one in plan.forms:
        alike.setdefault((one.kind, *one.capacities.items()), []).append(one)
    for one in chain.from_iterable(alike.values()):
        with using(owner):
            issued = _issued_form(plan, one, key, masters)
        yield issued


def _issued_form(
    plan: IssuePlan, planned: PlannedForm, key: bytes | None, masters: Callable[[Hashable], BulkTemplate]
) -> IssuedForm:
    due = planned.project.deadline.isoformat() if planned.project.deadline else ""
    stated = Seal(plan.issue, planned.number, seals.project_mark(planned.project.key), "", due)
    values = SealedValues(stated, planned.values, planned.values_text)
    issued = seals.seal_values(plan.catalogue.form.reference, values, key)
    if current_templates().fast:
        content = masters(planned.kind).instantiate(issued, planned.capacities, plan.verdicts[planned.number])
    else:
        layout = plan.catalogue.layout(planned.capacities).with_issued(planned.values)
        content = build(plan.catalogue, Answers(layout, planned.values), issued=issued)
    return IssuedForm(planned, issued.seal, content)
