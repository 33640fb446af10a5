"""Joins findings with the same cause into one that lists the places and says once how to mend them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from xltool.result.findings import Finding
from xltool.rules.messages import MessageRenderer
from xltool.rules.rule import Case, fill_placeholders
from xltool.support.i18n import tr

#: The most rows that are named; of the others only the number is given.
_MOST_NAMED = 6


def group_by_cause(renderers: Sequence[MessageRenderer], findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the findings; those of a case with a group message are joined where the first of them would be.

    Args:
        renderers: the message renderers of the check instances at fault.
        findings: the finding of each.
    """
    members: dict[Case, list[int]] = {}
    for number, renderer in enumerate(renderers):
        if renderer.instance.case.group_message:
            members.setdefault(renderer.instance.case, []).append(number)
    groups = {numbers[0]: numbers for numbers in members.values() if len(numbers) > 1}
    suppressed = {number for numbers in groups.values() for number in numbers[1:]}
    for number, finding in enumerate(findings):
        if number in groups:
            yield _join(
                [renderers[member] for member in groups[number]], [findings[member] for member in groups[number]]
            )
        elif number not in suppressed:
            yield finding


def _join(renderers: Sequence[MessageRenderer], findings: Sequence[Finding]) -> Finding:
    """Join the findings of one case."""
    case, count = renderers[0].instance.case, len(findings)
    names = list(dict.fromkeys(renderer.name for renderer in renderers))
    named = "、".join(names[:_MOST_NAMED])
    more = tr(f"等 {len(names)} 个", f" and {len(names) - _MOST_NAMED} more") if len(names) > _MOST_NAMED else ""
    found, expected = (_distinct(getattr(finding, what) for finding in findings) for what in ("found", "expected"))
    values = {"count": str(count), "names": named + more, "found": found, "expected": expected}
    texts = tr(case.group_message, case.group_message_en)
    labels = {renderer.label for renderer in renderers}
    label = labels.pop() if len(labels) == 1 else named
    return replace(
        findings[0],
        label=f"{label}{tr(f'（{count} 处）', f' ({count} places)')}",
        message=fill_placeholders(texts, lambda name, how: values[name] if name in values else renderers[0](name, how)),
        found=found or None,
        expected=expected or None,
        places=tuple(finding.as_place() for finding in findings),
    )


def _distinct(texts: Iterable[str | None]) -> str:
    """The different texts among those of the places."""
    distinct = list(dict.fromkeys(text for text in texts if text))
    return "、".join(distinct[:_MOST_NAMED]) + ("……" if len(distinct) > _MOST_NAMED else "")
