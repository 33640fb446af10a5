"""What is approved now against what a form was issued with: a roster may be corrected after its forms went out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xltool.form.binding import named_place
from xltool.form.blocks import INDICATORS
from xltool.form.definition import Form, load_form
from xltool.issuing.plan import with_values_of
from xltool.language.numbers import decimal_text as number
from xltool.roster.columns import normalise_key
from xltool.roster.model import Project
from xltool.support import json_codec
from xltool.support.i18n import tr

#: Values by the names that a seal keeps them under: ``project.name``, ``indicators.quantity.0.level3``.
Named = Mapping[str, Any]

#: An approved indicator by column.
Row = Mapping[str, Any]

#: So many letters of a text are told.
_TOLD = 60


@dataclass(frozen=True)
class Correction:
    """What is approved otherwise now: what it is called, what was issued, what holds; "" for nothing.

    Attributes:
        name: as the seal has it; of an indicator its group and name.
    """

    name: str
    label: str
    issued: str
    now: str

    def text(self) -> str:
        """As people read it."""
        if not self.issued:
            return tr(f"增加{self.label}", f"{self.label} added")
        if not self.now:
            return tr(f"取消{self.label}", f"{self.label} removed")
        return tr(f"{self.label}由“{self.issued}”改为“{self.now}”", f"{self.label}: '{self.issued}', now '{self.now}'")


def corrections(issued: Named, project: Project, reference: str) -> list[Correction]:
    """What a roster says otherwise than a form was issued with, as far as both say it.

    Args:
        issued: the issued values of the form's seal.
        project: as the roster has it now.
        reference: the form, such as ``mof-2020/1``.
    """
    planned = with_values_of(project, reference)
    if planned is None:
        return []
    form, now = load_form(reference), json_codec.loads(planned.written)
    return [*_fields(form, issued, now), *_indicators(form, rows_by_group(issued), rows_by_group(now))]


def _fields(form: Form, issued: Named, now: Named) -> Iterator[Correction]:
    for name, was in issued.items():
        if name.startswith(f"{INDICATORS}.") or name not in now or _same(was, now[name]):
            continue
        yield Correction(name, form.label(named_place(form, name)), _shown(was), _shown(now[name]))


def rows_by_group(values: Named) -> dict[str, list[Row]]:
    """The approved indicators of a form by group; a blank row is none."""
    found: dict[tuple[str, int], dict[str, Any]] = defaultdict(dict)
    for name, value in values.items():
        if name.startswith(f"{INDICATORS}."):
            _, group, index, column = name.split(".")
            found[group, int(index)][column] = value
    by_group: dict[str, list[Row]] = {}
    for (group, _), row in sorted(found.items(), key=lambda one: one[0][1]):
        if row.get("level3") is not None:
            by_group.setdefault(group, []).append(row)
    return by_group


def _indicators(form: Form, was: Mapping[str, list[Row]], now: Mapping[str, list[Row]]) -> Iterator[Correction]:
    if not was or not now:  # one of them does not say
        return
    for group in form.level2:
        label = form.level2[group].label
        for old, new in pair_rows(was.get(group, ()), now.get(group, ())):
            name = f"{group}.{(old or new or {})['level3']}"
            if old is None or new is None:
                told = f"{label}“{(old or new or {})['level3']}”"
                yield Correction(name, told, "" if old is None else told, "" if new is None else told)
                continue
            for column in old:
                if column in new and not _same(old[column], new[column]):
                    told = f"{label}“{old['level3']}”{form.columns[column].label}"
                    yield Correction(f"{name}.{column}", told, _shown(old[column]), _shown(new[column]))


def pair_rows(was: Sequence[Row], now: Sequence[Row]) -> list[tuple[Row | None, Row | None]]:
    """Indicators of a group as they were and as they are: by name, then those renamed, the others removed and added."""
    left = list(was)
    found: list[tuple[Row | None, Row | None]] = []
    waiting = []
    for new in now:
        old = next(
            (one for one in left if normalise_key(str(one["level3"])) == normalise_key(str(new["level3"]))), None
        )
        if old is None:
            waiting.append(new)
        else:
            left.remove(old)
            found.append((old, new))
    for new in waiting:
        # a name was corrected where everything else about the indicator is the same
        alike = [one for one in left if _rest(one) == _rest(new)]
        if len(alike) == 1:
            left.remove(alike[0])
        found.append((alike[0] if len(alike) == 1 else None, new))
    return [*found, *((old, None) for old in left)]


def _rest(row: Row) -> list[tuple[str, str]]:
    return sorted((column, _shown(value)) for column, value in row.items() if column != "level3")


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return normalise_key(one) == normalise_key(other)
    return bool((one or None) == (other or None)) if one is None or other is None else bool(one == other)


def _shown(value: Any) -> str:
    if value is None or value == "":
        return tr("空白", "blank")
    text = number(Decimal(str(value))) if isinstance(value, int | Decimal | float) else str(value)
    return text if len(text) <= _TOLD else f"{text[:_TOLD]}…"
