"""Compares what is approved now with what a form was issued with: a roster may be corrected after issuing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xltool.form.binding import named_place
from xltool.form.definition import Form
from xltool.form.loading import load_form
from xltool.issuing.plan import planned_form
from xltool.language.numbers import decimal_text as number
from xltool.result.roles import INDICATOR
from xltool.roster.columns import normalise_key
from xltool.roster.model import Project
from xltool.support import json_codec
from xltool.support.i18n import tr

#: Values by their names in a seal: ``project.name``, ``indicators.quantity.0.level3``.
Named = Mapping[str, Any]

#: An approved indicator by column.
Row = Mapping[str, Any]

#: The most characters of a text that are shown.
_MOST_CHARACTERS = 60


@dataclass(frozen=True)
class Correction:
    """An approved value that differs from the issued one.

    Attributes:
        name: its name in the seal; for an indicator its group and name.
        label: its label.
        issued: the issued value as text; "" for none.
        approved: the approved value as text; "" for none.
    """

    name: str
    label: str
    issued: str
    approved: str

    def sentence(self) -> str:
        """The correction as a sentence."""
        if not self.issued:
            return tr(f"增加{self.label}", f"{self.label} added")
        if not self.approved:
            return tr(f"取消{self.label}", f"{self.label} removed")
        return tr(
            f"{self.label}由“{self.issued}”改为“{self.approved}”",
            f"{self.label}: '{self.issued}', now '{self.approved}'",
        )


def find_corrections(issued: Named, project: Project, reference: str) -> list[Correction]:
    """The differences between a roster and the issued values of a form, for values that both have.

    Args:
        issued: the issued values of the form's seal.
        project: the project in the current roster.
        reference: the form, such as ``mof-2020/1``.
    """
    planned = planned_form(project, reference)
    if planned is None:
        return []
    form, now = load_form(reference), json_codec.loads(planned.values_text)
    return [*_fields(form, issued, now), *_indicators(form, rows_by_group(form, issued), rows_by_group(form, now))]


def _fields(form: Form, issued: Named, now: Named) -> Iterator[Correction]:
    for name, was in issued.items():
        if name.startswith(f"{form.indicator_table}.") or name not in now or _same(was, now[name]):
            continue
        yield Correction(name, form.label(named_place(form, name)), _value_text(was), _value_text(now[name]))


def rows_by_group(form: Form, values: Named) -> dict[str, list[Row]]:
    """The approved indicators of a form by group, without blank rows."""
    rows: dict[tuple[str, int], dict[str, Any]] = defaultdict(dict)
    for name, value in values.items():
        if name.startswith(f"{form.indicator_table}."):
            _, group, index, column = name.split(".")
            rows[group, int(index)][column] = value
    by_group: dict[str, list[Row]] = {}
    name_column = form.name_column
    for (group, _), row in sorted(rows.items(), key=lambda item: item[0][1]):
        if row.get(name_column) is not None:
            by_group.setdefault(group, []).append(row)
    return by_group


def _indicators(form: Form, was: Mapping[str, list[Row]], now: Mapping[str, list[Row]]) -> Iterator[Correction]:
    if not was or not now:  # one of them has no approved indicators
        return
    name_column = form.column(INDICATOR)
    if name_column is None:
        return
    for group in form.level2:
        label = form.level2[group].label
        for old, new in pair_rows(was.get(group, ()), now.get(group, ()), name_column):
            indicator = (old or new or {})[name_column]
            name = f"{group}.{indicator}"
            if old is None or new is None:
                text = f"{label}“{indicator}”"
                yield Correction(name, text, "" if old is None else text, "" if new is None else text)
                continue
            for column in old:
                if column in new and not _same(old[column], new[column]):
                    text = f"{label}“{indicator}”{form.columns[column].label}"
                    yield Correction(f"{name}.{column}", text, _value_text(old[column]), _value_text(new[column]))


def pair_rows(was: Sequence[Row], now: Sequence[Row], name_column: str) -> list[tuple[Row | None, Row | None]]:
    """Pair the former and current indicators of a group: by name, then renamed ones, then removed and added ones."""

    def name(row: Row) -> str:
        return normalise_key(str(row[name_column]))

    def rest(row: Row) -> list[tuple[str, str]]:
        return sorted((column, _value_text(value)) for column, value in row.items() if column != name_column)

    unpaired = list(was)
    pairs: list[tuple[Row | None, Row | None]] = []
    unmatched = []
    for new in now:
        old = next((row for row in unpaired if name(row) == name(new)), None)
        if old is None:
            unmatched.append(new)
        else:
            unpaired.remove(old)
            pairs.append((old, new))
    for new in unmatched:
        # the name was corrected if everything else about the indicator is the same
        alike = [row for row in unpaired if rest(row) == rest(new)]
        if len(alike) == 1:
            unpaired.remove(alike[0])
        pairs.append((alike[0] if len(alike) == 1 else None, new))
    return [*pairs, *((old, None) for old in unpaired)]


def _same(value: Any, other: Any) -> bool:
    if isinstance(value, str) and isinstance(other, str):
        return normalise_key(value) == normalise_key(other)
    return bool((value or None) == (other or None)) if value is None or other is None else bool(value == other)


def _value_text(value: Any) -> str:
    if value is None or value == "":
        return tr("空白", "blank")
    text = number(Decimal(str(value))) if isinstance(value, int | Decimal | float) else str(value)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"
