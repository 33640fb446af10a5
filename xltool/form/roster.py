"""What a roster may say of the forms that there are: its columns come from their definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from xltool.form.definition import Form
from xltool.form.loading import load_form
from xltool.form.places import SingleCell
from xltool.form.references import all_references
from xltool.result import roles
from xltool.roster.columns import COLUMNS, INDICATOR_COLUMNS, RosterColumns, is_fund_key, normalise_key
from xltool.support import resources
from xltool.support.templates import keep

#: The roles of what the columns of a roster say; what a form has no role for has no column in its roster.
ROLES_OF_COLUMNS = {
    "year": roles.YEAR,
    "code": roles.CODE,
    "name": roles.SUBJECT,
    "department": roles.DEPARTMENT,
    "unit": roles.UNIT,
    "goal": roles.GOAL,
    "money_unit": roles.MONEY_UNIT,
    "executed": roles.EXECUTED,
    "level3": roles.INDICATOR,
    "operator": roles.OPERATOR,
    "target": roles.TARGET,
    "measure": roles.MEASURE_UNIT,
    "weight": roles.WEIGHT,
}

#: What labels of parts begin with.
_OF_WHICH = "其中："


def columns_of_roster(reference: str) -> RosterColumns:
    """The columns of a roster for a form such as ``mof-2020/1``; for "" or an unknown one, those for any form."""
    known = tuple(all_references())
    return _columns((reference,) if reference in known else known)


@keep
def _columns(references: tuple[str, ...]) -> RosterColumns:
    """The columns for some forms; others are not read, because that takes time."""
    forms = [load_form(reference) for reference in references]
    headings = _headings(forms)
    own_sources = {source for form in forms for source in _sources(form)} if len(forms) == 1 else set()
    return RosterColumns(
        sources=headings,
        offered=tuple(source for source in headings if not own_sources or source in own_sources),
        has_budgets=any(form.column(roles.INITIAL_BUDGET) for form in forms),
        needed=_needed_by_all(forms),
        is_about_unit=all(map(is_about_unit, forms)),
        paths=_paths(forms),
        labels=_labels_of_columns(forms),
    )


def is_about_unit(form: Form) -> bool:
    """Whether a form is about a unit as a whole, and not about a project of a unit."""
    return form.place(roles.UNIT) is not None and form.place(roles.SUBJECT) in (None, form.place(roles.UNIT))


def has_place(form: Form, column: str) -> bool:
    """Whether a form has a place for what a column of its roster says, or does not need one for it."""
    if is_fund_key(column):
        return form.column(roles.INITIAL_BUDGET) is not None
    if column == "name":
        return not is_about_unit(form)
    if column == "money_unit":
        return any(form.column(role) for role in (roles.INITIAL_BUDGET, roles.EXECUTED))
    role = ROLES_OF_COLUMNS.get(column)
    return role is None or form.roles.path(role) is not None


def _needed_by_all(forms: Sequence[Form]) -> tuple[str, ...]:
    """The columns without which no form can be told apart from others."""
    needed = [set(_needed(form)) for form in forms]
    return tuple(key for key in ("year", "name", "unit") if all(key in keys for keys in needed))


def _needed(form: Form) -> Iterator[str]:
    yield "year"
    if not is_about_unit(form):
        yield "name"
    if form.place(roles.UNIT) is not None:
        yield "unit"


def _paths(forms: Iterable[Form]) -> Mapping[str, tuple[str, ...]]:
    """Where records have what a column of projects says, inside their blocks; a roster has keys of its own beside."""
    paths: dict[str, dict[str, None]] = {}
    for form in forms:
        for column in COLUMNS.keys() & ROLES_OF_COLUMNS.keys():
            place = form.place(ROLES_OF_COLUMNS[column])
            if isinstance(place, SingleCell) and place.block != place.name:
                paths.setdefault(column, {})[place.name] = None
    return {column: tuple(found) for column, found in paths.items()}


def _labels_of_columns(forms: Iterable[Form]) -> Mapping[str, tuple[str, ...]]:
    """What the forms call the cells and columns that a roster has a column for, by column."""
    known = {normalise_key(text) for names in (COLUMNS, INDICATOR_COLUMNS) for key in names for text in names[key]}
    labels: dict[str, tuple[str, ...]] = {}
    for form in forms:
        for column in filter(partial(has_place, form), ROLES_OF_COLUMNS):
            label = _label(form, column)
            if label and (key := normalise_key(label)) not in known:
                known.add(key)
                labels[column] = (*labels.get(column, ()), label)
    return labels


def _label(form: Form, column: str) -> str:
    """The label of what a column says on a form; "" if it is in the fund table, or nowhere."""
    role = ROLES_OF_COLUMNS[column]
    if column not in COLUMNS:
        return form.columns[name].label if (name := form.column(role)) else ""
    place = form.place(role)
    return form.field(place).label if isinstance(place, SingleCell) else ""


# ── sources of money ────────────────────────────────────────────


def _headings(forms: Sequence[Form]) -> dict[str, tuple[str, ...]]:
    """The headings by source of money; those of a single form go before the usual ones, those of any form after."""
    usual = _usual_headings(forms)
    claims = [(source, text) for source, texts in usual.items() for text in texts]
    labels = [claim for form in forms for claim in _labels(form)]
    owners = {normalise_key(text): "" for key, texts in COLUMNS.items() for text in (key, *texts)}
    sources = (*usual, *(source for form in forms for source in _sources(form)))
    headings: dict[str, list[str]] = {source: [] for source in sources}
    for source, text in [*labels, *claims] if len(forms) == 1 else [*claims, *labels]:
        key = normalise_key(text)
        if key not in owners:
            owners[key] = source
            headings[source].append(text)
    return {source: _usual_first(texts, usual.get(source, ())) or (source,) for source, texts in headings.items()}


def _usual_first(texts: Sequence[str], usual: Sequence[str]) -> tuple[str, ...]:
    return (*(text for text in usual if text in texts), *(text for text in texts if text not in usual))


def _usual_headings(forms: Sequence[Form]) -> dict[str, tuple[str, ...]]:
    """The headings that stand on no form, by source; those of the sum first."""
    table = resources.read_toml(resources.folder("templates") / "roster.toml")
    whole = next(filter(None, (form.roles.total_row for form in forms)), table["whole"]["source"])
    sources = {source: tuple(texts) for source, texts in table["sources"].items()}
    return {whole: tuple(table["whole"]["headings"]), **sources}


def _sources(form: Form) -> Iterable[str]:
    """The rows of the fund table of a form."""
    return form.fund_rows if form.roles.path(roles.FUNDS) else ()


def _labels(form: Form) -> Iterator[tuple[str, str]]:
    """The labels and synonyms of the sources of a form, nested ones after that of the row above: 基本支出财政拨款.

    A synonym of the sum, such as 合计, may head anything else in a roster.
    """
    texts = {source: _texts(form, source) for source in _sources(form)}
    counts = Counter(text for source in texts for text in texts[source])
    for source, own in texts.items():
        above = form.fund_rows[source].under
        yield from ((source, f"{upper}{text}") for upper in texts.get(above, ()) for text in own)
        yield from ((source, text) for text in own if counts[text] == 1)


def _texts(form: Form, source: str) -> list[str]:
    row = form.fund_rows[source]
    synonyms = row.synonyms if source != form.roles.total_row else ()
    return [text.removeprefix(_OF_WHICH) for text in (row.label, *synonyms)]
