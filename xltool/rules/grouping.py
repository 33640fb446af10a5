"""Findings of one cause on several places joined into one, which lists the places and says once how to mend them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from xltool.result.findings import Finding, FindingPlace
from xltool.rules.messages import MessageRenderer
from xltool.rules.rule import Case, fill_placeholders
from xltool.support.i18n import tr

#: So many rows are named; of further ones their number is told.
_MOST_NAMED = 6


def group_by_cause(tellers: Sequence[MessageRenderer], alone: Sequence[Finding]) -> Iterator[Finding]:
    """The findings, those of a case that speaks for a group as one, where the first of them stands.

    Args:
        tellers: of the questions at fault.
        alone: what is said of each by itself.
    """
    members: dict[Case, list[int]] = {}
    for number, teller in enumerate(tellers):
        if teller.question.case.group_message:
            members.setdefault(teller.question.case, []).append(number)
    groups = {numbers[0]: numbers for numbers in members.values() if len(numbers) > 1}
    silent = {number for numbers in groups.values() for number in numbers[1:]}
    for number, finding in enumerate(alone):
        if number in groups:
            yield _joined([tellers[one] for one in groups[number]], [alone[one] for one in groups[number]])
        elif number not in silent:
            yield finding


def _joined(tellers: Sequence[MessageRenderer], alone: Sequence[Finding]) -> Finding:
    case, count = tellers[0].question.case, len(alone)
    names = list(dict.fromkeys(teller.name for teller in tellers))
    named = "、".join(names[:_MOST_NAMED])
    more = tr(f"等 {len(names)} 个", f" and {len(names) - _MOST_NAMED} more") if len(names) > _MOST_NAMED else ""
    found, expected = (_distinct(getattr(one, what) for one in alone) for what in ("found", "expected"))
    given = {"count": str(count), "names": named + more, "found": found, "expected": expected}
    texts = tr(case.group_message, case.group_message_en)
    labels = {teller.label for teller in tellers}
    label = labels.pop() if len(labels) == 1 else named
    return replace(
        alone[0],
        label=f"{label}{tr(f'（{count} 处）', f' ({count} places)')}",
        message=fill_placeholders(texts, lambda name, how: given[name] if name in given else tellers[0](name, how)),
        found=found or None,
        expected=expected or None,
        places=tuple(
            FindingPlace(one.path, one.cell, one.label, one.message, one.found, one.expected) for one in alone
        ),
    )


def _distinct(texts: Iterable[str | None]) -> str:
    """What the places have or should have, each once."""
    told = list(dict.fromkeys(text for text in texts if text))
    return "、".join(told[:_MOST_NAMED]) + ("……" if len(told) > _MOST_NAMED else "")
