"""Versions of a form: what is done with workbooks of an older one, and where each of its values goes in the newer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from xltool.language.functions import Value
from xltool.support.i18n import tr

if TYPE_CHECKING:
    from xltool.form.definition import Form

#: What is done with a workbook of an older version: read as it is, read with a warning, carried over, refused.
ACCEPT, WARN, MIGRATE, REFUSE = "accept", "warn", "migrate", "refuse"


@dataclass(frozen=True)
class Crossing:
    """The way from the fields of one form to those of another; what is not named keeps its name.

    Names are those of the definition: ``fields.grade``, ``funds.columns.executed``, ``funds.rows.other``,
    ``indicators.columns.actual``, ``level2.cost``.

    Attributes:
        renamed: old name → new name.
        dropped: old names that have no successor, whatever is called so now.
        added: new names, each with what it is filled with; "" for nothing.
    """

    renamed: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    added: Mapping[str, Value] = field(default_factory=dict)

    def to(self, group: str, name: str) -> str | None:
        """What ``name`` of a group such as ``fields`` is called in the new form; None when it has no successor."""
        key = f"{group}.{name}"
        if key in self.renamed:
            return self.renamed[key].removeprefix(f"{group}.")
        return None if key in self.dropped else name


@dataclass(frozen=True)
class Version:
    """What a definition says of an older version of its form.

    Attributes:
        policy: accept, warn, migrate or refuse.
        why_zh, why_en: what became of it, for the units.
    """

    policy: str
    why_zh: str
    why_en: str
    crossing: Crossing

    @property
    def reason(self) -> str:
        """What became of it, in the language that is spoken now: definitions are kept, whoever asks."""
        return tr(self.why_zh, self.why_en)


def parse_version(table: Mapping[str, object]) -> Version:
    """A version from its table in ``form.toml``, valid against the schema."""
    given = {key: dict(table.get(key, {})) for key in ("renamed", "added")}  # type: ignore[call-overload]  # tables
    added = {key: _value(value) for key, value in given["added"].items()}
    dropped = tuple(map(str, table.get("dropped", ())))  # type: ignore[call-overload]  # a list of texts
    why = str(table["why"])
    crossing = Crossing(given["renamed"], dropped, added)
    return Version(str(table["policy"]), why, str(table.get("why_en", why)), crossing)


def _value(value: object) -> Value:
    return Decimal(repr(value)) if isinstance(value, int | float) else str(value) or None


def field_names(form: Form) -> set[str]:
    """Everything of a form that may hold content, by the names of the definition."""
    columns = (name for name, column in form.columns.items() if not column.helper)
    groups = {"fields": form.fields, "funds.columns": form.fund_columns, "funds.rows": form.fund_rows,
              "indicators.columns": columns, "level2": form.level2}  # fmt: skip
    return {f"{group}.{name}" for group, names in groups.items() for name in names}


def crossing_faults(crossing: Crossing, old: Form, new: Form) -> Iterator[tuple[str, str]]:
    """What a crossing forgets or invents, as key and reason."""
    before, after = field_names(old), field_names(new)
    for name, successor in crossing.renamed.items():
        if name not in before:
            yield "renamed", tr(f"旧版没有 {name}", f"the older version has no {name}")
        if successor not in after or _group(successor) != _group(name):
            yield "renamed", tr(f"新版没有 {successor}", f"the newer version has no {successor}")
    for name in {one for one in crossing.renamed.values() if list(crossing.renamed.values()).count(one) > 1}:
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
    return next(one for one in ("fields", "funds.columns", "funds.rows", "indicators.columns", "level2", "")
                if name.startswith(one))  # fmt: skip
