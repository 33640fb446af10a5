"""The plan of an issue to its forms: each project's values are sealed, then a bulk template of its kind is filled."""

from __future__ import annotations

from collections.abc import Iterator
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
    bulk_templates = cache(lambda kind: BulkTemplate(plan.profiles[kind]))
    alike: dict[object, list[PlannedForm]] = {}
    for planned in plan.forms:
        alike.setdefault((planned.kind, *planned.capacities.items()), []).append(planned)
    for planned in chain.from_iterable(alike.values()):
        with using(owner):
            issued = seals.seal_values(plan.catalogue.form.reference, _values_to_seal(plan, planned), key)
            if owner.fast:
                bulk_template = bulk_templates(planned.kind)
                content = bulk_template.instantiate(issued, planned.capacities, plan.verdicts[planned.number])
            else:
                layout = plan.catalogue.layout(planned.capacities).with_issued(planned.values)
                content = build(plan.catalogue, Answers(layout, planned.values), issued=issued)
        yield IssuedForm(planned, issued.seal, content)


def _values_to_seal(plan: IssuePlan, planned: PlannedForm) -> SealedValues:
    """What the seal of a project's form states, before it is computed."""
    due = planned.project.deadline.isoformat() if planned.project.deadline else ""
    seal = Seal(plan.issue, planned.number, seals.project_mark(planned.project.key), "", due)
    return SealedValues(seal, planned.values, planned.values_text)
