"""Forms of several projects with one seal that does not say whose it is (X02)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TypeVar

from xltool.result.findings import Finding
from xltool.result.result import Result
from xltool.roster.columns import normalise_key
from xltool.rules.code_findings import code_finding, shared_rules
from xltool.support.i18n import tr

#: The type of the keys of forms.
Key = TypeVar("Key")


def shared_seal_findings(results: Iterable[tuple[Key, Result]]) -> Iterator[tuple[Key, Finding]]:
    """X02 for forms of several projects with the same seal that do not say whose it is: a neighbour's was copied.

    Where the issued names are known, P04 reports those that have others, and nobody else is told.

    Args:
        results: the forms that count, each with its key.
    """
    by_seal: dict[tuple[str, int], list[tuple[Key, Result, str]]] = defaultdict(list)
    for key, result in results:
        if (seal := result.seal) and not seal.is_sound:
            by_seal[seal.issue, seal.number].append((key, result, seal.code))
    for same in by_seal.values():
        if len({_names(result) for _, result, _ in same}) > 1:
            files, code = "、".join(sorted(item.file for _, item, _ in same)), same[0][2]
            values = {"count": str(len(same)), "files": files, "code": code}
            finding = code_finding(shared_rules()["X02"], "one_seal", values, "", None, tr("签发标识", "seal"))
            yield from ((key, finding) for key, *_ in same)


def _names(result: Result) -> tuple[str, str]:
    project = result.project
    return (normalise_key(project.name), normalise_key(project.unit)) if project else ("", "")
