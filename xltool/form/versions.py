"""Versions of a form: what happens to workbooks of an older one, and which fields of the newer take its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from decimal import Decimal

from xltool.language.functions import Value
from xltool.support.i18n import tr

#: What happens to a workbook of an older version: read as it is, read with a warning, converted, refused.
ACCEPT, WARN, MIGRATE, REFUSE = "accept", "warn", "migrate", "refuse"


@dataclass(frozen=True)
class Crossing:
    """How the fields of one form map to those of another; fields that are not mentioned keep their name.

    Names are those of the definition: ``total.grade``, ``funds.columns.executed``, ``funds.rows.other``,
    ``indicators.columns.actual``, ``indicators.groups.cost``.

    Attributes:
        renamed: old name → new name.
        dropped: old names without successor, even if the new form has the same name.
        added: new names, each with its initial value; "" for none.
    """

    renamed: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    added: Mapping[str, Value] = field(default_factory=dict)

    def new_name(self, group: str, name: str) -> str | None:
        """The name of ``name`` in the new form, within a group such as ``funds.rows``; None if it has no successor.

        Args:
            group: the group; "" for a name that is whole, such as ``total.grade``.
            name: the name within the group.
        """
        key = f"{group}.{name}".lstrip(".")
        if key in self.renamed:
            return self.renamed[key].removeprefix(f"{group}." if group else "")
        return None if key in self.dropped else name


@dataclass(frozen=True)
class Version:
    """What a definition says about an older version of its form.

    Attributes:
        policy: accept, warn, migrate or refuse.
        why_zh, why_en: what has changed, for the units.
        crossing: how its fields map to the form's.
    """

    policy: str
    why_zh: str
    why_en: str
    crossing: Crossing

    @property
    def reason(self) -> str:
        """What has changed, in the current language; looked up at each call, because definitions are cached."""
        return tr(self.why_zh, self.why_en)


def parse_version(table: Mapping[str, object]) -> Version:
    """A version from its table in ``form.toml``, valid against the schema."""
    tables = {key: dict(table.get(key, {})) for key in ("renamed", "added")}  # type: ignore[call-overload]  # tables
    added = {key: _value(value) for key, value in tables["added"].items()}
    dropped = tuple(map(str, table.get("dropped", ())))  # type: ignore[call-overload]  # a list of texts
    why = str(table["why"])
    crossing = Crossing(tables["renamed"], dropped, added)
    return Version(str(table["policy"]), why, str(table.get("why_en", why)), crossing)


def _value(value: object) -> Value:
    return Decimal(repr(value)) if isinstance(value, int | float) else str(value) or None


def crossing_faults(crossing: Crossing, before: Set[str], after: Set[str]) -> Iterator[tuple[str, str]]:
    """Yield the fields that a crossing forgets or that do not exist, as key and reason.

    Args:
        crossing: what the definition says.
        before: the names of the fields of the older form.
        after: those of the newer one.
    """
    for name, successor in crossing.renamed.items():
        if name not in before:
            yield "renamed", tr(f"旧版没有 {name}", f"the older version has no {name}")
        if successor not in after or _group(successor) != _group(name):
            yield "renamed", tr(f"新版没有 {successor}", f"the newer version has no {successor}")
    for name in {
        successor_name
        for successor_name in crossing.renamed.values()
        if list(crossing.renamed.values()).count(successor_name) > 1
    }:
        yield "renamed", tr(f"有两栏都改名为 {name}", f"two become {name}")
    for name in sorted({*crossing.dropped} - before):
        yield "dropped", tr(f"旧版没有 {name}", f"the older version has no {name}")
    for name in sorted({*crossing.added} - after):
        yield "added", tr(f"新版没有 {name}", f"the newer version has no {name}")
    for name in sorted(before - after - {*crossing.renamed} - {*crossing.dropped}):
        yield "dropped", tr(f"没有说旧版的 {name} 到哪里去了", f"it does not say what became of {name}")
    for name in sorted(after - before - {*crossing.renamed.values()} - {*crossing.added}):
        yield "added", tr(f"没有说新版的 {name} 怎样填", f"it does not say how {name} is filled")


def _group(name: str) -> str:
    """The group of a name: ``funds.columns``; "" for a single cell."""
    return name.rpartition(".")[0] if name.count(".") > 1 else ""
