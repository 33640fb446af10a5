"""Identify the forms in a workbook and their sheets: by the stamp in its three carriers, or by printed labels."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xltool.form import stamps
from xltool.form.capacities import MOST_ROWS
from xltool.form.defined_names import explanation_name
from xltool.form.definition import Form
from xltool.form.layout import Layout
from xltool.form.loading import load_form
from xltool.form.own_sheets import CHECK, GUIDE, LISTS, PANEL, PANEL_FIRST_ROW, REMARKS, STAMP
from xltool.form.references import all_references, broken_definitions, newest_reference
from xltool.recognition.by_labels import match_labels
from xltool.recognition.label_match import LabelMatch
from xltool.recognition.labels import label_key
from xltool.recognition.seal_check import SealCheck, check_seal
from xltool.recognition.sheet_view import LAST_ROW, SheetView
from xltool.recognition.split import split_tables
from xltool.recognition.table_kinds import ForeignTable, TableKind, load_table_kinds, most_similar_kind, unread_labels
from xltool.result.roles import ACTUAL, SCORE
from xltool.rules.catalogue import Catalogue
from xltool.rules.loading import definition_fault, load_catalogue
from xltool.support.i18n import tr
from xltool.support.own_tables import LINES, known_table
from xltool.support.resources import own_definitions
from xltool.workbook.defined_names import parse_reference
from xltool.workbook.grid import Grid, Sheet

#: The least agreement between the labels of a sheet and those of a definition for a form.
LEAST_FIT = 0.5

#: The agreement from which a title of another kind of table does not matter.
_CLEAR = 0.8

#: If more than one row in so many is under levels that a definition does not have, it is another form.
_MOST_UNKNOWN = 3

#: The roles of columns of results: a table with neither is one of targets.
_RESULTS = (ACTUAL, SCORE)

#: The kind of a blank form beside one that is filled in.
_BLANK = TableKind("没有填写的自评表", "a self-evaluation that was not filled in")

#: Definitions whose agreement differs from the best by at most this fit equally well.
_EQUAL = 0.005

#: The helper sheets of an issued workbook.
HELPERS = (GUIDE, PANEL, LISTS, CHECK, STAMP)

#: The rule ids on the panel.
_RULE_ID = re.compile("[A-Z][0-9]{2}")


def known_list(grid: Grid) -> str:
    """Which of this package's own lists a workbook is, whatever it is called; "" if it may hold a form."""
    if CHECK in grid.sheets or STAMP in grid.sheets:
        return ""
    names = (known_table(_first_lines(sheet)) for sheet in grid.sheets.values())
    return next((name for name in names if name), "")


def _first_lines(sheet: Sheet) -> list[list[str]]:
    lines: dict[int, list[str]] = {}
    for (row, _), fact in sheet.cells.items():
        if row <= LINES:
            lines.setdefault(row, []).append(fact.text)
    return list(lines.values())


def helper_sheets(grid: Grid) -> tuple[str, ...]:
    """The names of the helper sheets of an issued workbook; none in others, which may also have a sheet 填报说明."""
    return (*HELPERS, REMARKS) if CHECK in grid.sheets or STAMP in grid.sheets else ()


class UnknownForm(Exception):  # noqa: N818  # about the file, not about us
    """The workbook holds no known form. The text says why; the key selects the case of rule P01."""

    def __init__(self, reason: str, key: str = "unknown") -> None:
        super().__init__(reason)
        self.key = key


@dataclass(frozen=True)
class Identity:
    """A form and its position.

    Attributes:
        catalogue: its definition and rules.
        layout: the form as issued; of a form without a stamp, as defined.
        sheet: the sheet that it is on now.
        carriers: the remaining carriers of the stamp: sheet, property, name; none for a form without a stamp.
        label_match: the fields by labels; None if the stamp is enough.
        rivals: other definitions that fit as well.
        round: the round of its stamp.
        seal_check: its seal, if it was issued to a project.
        other_release: whether another release of this package wrote it, with other checks and another panel perhaps.
        foreign: other tables beside it; on the first form of a workbook.
    """

    catalogue: Catalogue
    layout: Layout
    sheet: str
    carriers: tuple[str, ...] = ()
    label_match: LabelMatch | None = None
    rivals: tuple[str, ...] = ()
    round: stamps.Round = stamps.FIRST
    seal_check: SealCheck | None = None
    other_release: bool = False
    foreign: tuple[ForeignTable, ...] = ()

    def layout_of(self, capacities: Mapping[str, int]) -> Layout:
        """The form with the given number of rows in each group, and the panel of the workbook."""
        layout = self.catalogue.layout(capacities)
        return layout.with_panel(self.layout.panel, self.layout.explainable) if self.other_release else layout


def identify(grid: Grid) -> list[Identity]:
    """Identify the forms of a workbook, stamped forms first.

    Raises:
        UnknownForm: there are none, or one is of an unsupported form or version.
    """
    stamped = _identify_by_stamp(grid)
    sheets = [sheet for sheet in grid.sheets if sheet not in (stamped.sheet if stamped else "", *helper_sheets(grid))]
    tables = [
        table
        for sheet in sheets
        for page in split_tables(grid, sheet)
        if (table := _identify_by_labels(page)) is not None
    ]
    forms = [*([stamped] if stamped else []), *(table for table in tables if isinstance(table, Identity))]
    filled = [form for form in forms if form.label_match is None or form.label_match.is_filled]
    foreign = [table for table in tables if isinstance(table, ForeignTable)]
    if not forms:
        raise _unknown_form(foreign)
    blank = [ForeignTable(form.sheet, _BLANK, (), *_extent(form)) for form in forms if form not in filled]
    blank = blank if filled else []
    first, *others = filled or forms
    return [replace(first, foreign=(*foreign, *blank)), *others]


def _extent(form: Identity) -> tuple[int, int]:
    return (form.label_match.page.top, form.label_match.page.bottom) if form.label_match else (1, LAST_ROW)


def _unknown_form(foreign: Sequence[ForeignTable]) -> UnknownForm:
    """The error for a workbook without a form, with what its tables look like."""
    if not foreign:
        chinese = "没有本工具模板的标记，也没有找到自评表的栏目（一级指标、年度指标值、实际完成值、得分……）"
        return UnknownForm(tr(chinese, "no stamp of ours, and no labels of a self-evaluation form"))
    chinese = "；".join(
        _description(table, "像是") + (f"，没有认出：{table.labels}" if table.labels else "") for table in foreign
    )
    english = "; ".join(
        _description(table, " looks like ") + (f"; not understood: {table.labels}" if table.labels else "")
        for table in foreign
    )
    return UnknownForm(tr(f"{chinese}。没有按规则检查", f"{english}. No rule was asked of it"), "foreign")


def _description(table: ForeignTable, verb: str) -> str:
    return f"《{table.sheet}》{table.where}{verb}{table.name}"


# ── by the stamp ────────────────────────────────────────────────


def stamp_texts(grid: Grid) -> Mapping[str, str]:
    """The stamp's text in each of its three carriers, without those that are gone."""
    texts = {
        "sheet": grid.at(STAMP, 1, 1).text,
        "property": grid.properties.get(stamps.PROPERTY, ""),
        "name": grid.names.get(stamps.NAME, "").strip('="'),
    }
    return {carrier: text for carrier, text in texts.items() if text}


def _identify_by_stamp(grid: Grid) -> Identity | None:
    texts = stamp_texts(grid)
    parsed = {carrier: stamp for carrier, text in texts.items() if (stamp := stamps.parse_stamp(text)) is not None}
    if not parsed:
        return None
    form_id, version, capacities = next(iter(parsed.values()))
    reference = f"{form_id}/{version}"
    if reference not in all_references() and reference not in broken_definitions():
        raise _unsupported_form(form_id, version)
    if (reason := definition_fault(reference)) is not None:
        chinese = f"模板 {reference} 的定义有错，没有读取：{reason}"
        raise UnknownForm(tr(chinese, f"the definition of template {reference} is broken: {reason}"), "definition")
    catalogue = load_catalogue(reference)
    is_valid = set(capacities) == set(catalogue.form.groups) and all(
        0 < rows <= MOST_ROWS for rows in capacities.values()
    )
    if not is_valid:
        raise UnknownForm(tr("模板标记已损坏", "the stamp is damaged"))
    other_release = grid.at(STAMP, 4, 1).text != catalogue.release
    layout = _with_own_panel(grid, catalogue.layout(capacities)) if other_release else catalogue.layout(capacities)
    sheet = _form_sheet(grid, layout)
    if sheet is None:
        raise UnknownForm(tr(f"没有《{layout.form.sheet}》工作表", f"there is no sheet {layout.form.sheet}"))
    stamp_round = max(map(stamps.parse_round, texts.values()), key=lambda round_: round_.number)
    seal = check_seal(grid, layout)
    layout = layout.with_issued(seal.values(layout) if seal else ())
    return Identity(
        catalogue, layout, sheet, tuple(parsed), round=stamp_round, seal_check=seal, other_release=other_release
    )


def _with_own_panel(grid: Grid, layout: Layout) -> Layout:
    """The layout with the panel of the workbook: explanations are beside the rules that are named there.

    A panel that does not name a rule in its first row was rebuilt; it is read as the current one.
    """
    panel: list[str] = []
    while _RULE_ID.fullmatch(rule := grid.at(PANEL, PANEL_FIRST_ROW + len(panel), 1).text) and rule not in panel:
        panel.append(rule)
    if not panel or tuple(panel) == layout.panel:
        return layout
    named = {name for name in grid.names if name.startswith(explanation_name(""))}
    explainable = (rule for rule in layout.explainable if rule in panel)
    return layout.with_panel(panel, [rule for rule in explainable if not named or explanation_name(rule) in named])


def _unsupported_form(form_id: str, version: str) -> UnknownForm:
    """The error for a stamp without a definition: a newer version, a discontinued one, or another form."""
    reference, latest = f"{form_id}/{version}", newest_reference(form_id)
    if latest is None:
        known = "、".join(all_references())
        return UnknownForm(
            tr(f"模板 {reference} 不在支持的版本中（{known}）", f"template {reference} is not supported ({known})")
        )
    if int(version) > int(latest.rpartition("/")[2]):
        chinese = f"模板 {reference} 比本工具的 {latest} 新"
        return UnknownForm(tr(chinese, f"template {reference} is newer than our {latest}"), "newer")
    old_version = load_form(latest).versions.get(version)
    why = f"：{old_version.reason}" if old_version else ""
    chinese = f"旧版模板 {reference} 不再支持{why}；现行的是 {latest}"
    return UnknownForm(tr(chinese, f"template {reference} is no longer supported{why}; {latest} is current"), "refused")


def _form_sheet(grid: Grid, layout: Layout) -> str | None:
    """The form's sheet, even if renamed: the one its names refer to, else by its title, else by its labels."""
    names = [name for name, box in layout.names.items() if box.sheet == layout.form.sheet]
    sheets = Counter(box.sheet for name in names if (box := parse_reference(grid.names.get(name, ""))) is not None)
    for sheet, _ in sheets.most_common():
        if sheet in grid.sheets:
            return sheet
    if layout.form.sheet in grid.sheets:
        return layout.form.sheet
    fits = [(match.fit, sheet) for sheet in grid.sheets if sheet not in HELPERS
            and (match := match_labels(layout.form, SheetView(grid, sheet))) is not None]  # fmt: skip
    return max(fits)[1] if fits and max(fits)[0] >= LEAST_FIT else None


# ── by labels ───────────────────────────────────────────────────


def _identify_by_labels(page: SheetView) -> Identity | ForeignTable | None:
    """The form in a table, or what the table looks like; None if it is not of such a kind at all."""
    fits = [(match.confidence, reference, match) for reference in all_references()
            if (match := match_labels(load_form(reference), page)) is not None]  # fmt: skip
    reference, match = _best(fits)
    kind, score = most_similar_kind(page, set(match.contents()) if match else ())
    is_own = kind is not None and match is not None and _is_of_kind(match.form, kind)
    is_clear = match is not None and (score < load_table_kinds().sure or match.confidence >= _CLEAR or is_own)
    if match is not None and is_clear and _is_form(match):
        catalogue = load_catalogue(reference)
        others = [fit for fit in fits if fit[2].form.id != match.form.id]
        rivals = tuple(other for worth, other, _ in others if match.confidence - worth <= _EQUAL)
        return Identity(catalogue, catalogue.layout(), page.sheet, (), match, rivals)
    if match is not None and match.form.indicator_table and score < load_table_kinds().least:
        kind = load_table_kinds().other if match.has_points else load_table_kinds().unscored
    unread = [*(match.unread_labels if match else ()), *unread_labels(page)]
    return ForeignTable(page.sheet, kind, tuple(dict.fromkeys(unread)), page.top, page.bottom) if kind else None


def _is_of_kind(form: Form, kind: TableKind) -> bool:
    """Whether the forms of a definition are of a kind, by their titles."""
    return kind.is_titled([label_key(title) for title in (form.title, *form.titles)])


def _best(fits: Sequence[tuple[float, str, LabelMatch]]) -> tuple[str, LabelMatch | None]:
    """The best match among valid definitions; of versions of one form that match equally, the newest."""
    for _, group in itertools.groupby(sorted(fits, key=lambda fit: fit[0], reverse=True), key=lambda fit: fit[0]):
        valid = [fit for fit in group if fit[1] not in own_definitions() or definition_fault(fit[1]) is None]
        current = [fit for fit in valid if len(valid) > 1 and fit[1] == newest_reference(fit[2].form.id)]
        for _, reference, match in (*current, *valid):
            return reference, match
    return "", None


def _is_form(match: LabelMatch) -> bool:
    """Whether a definition matches a table well enough to check it: results, points, levels and labels."""
    rows = len(match.rows) + len(match.unknown_rows)
    results = {column for role in _RESULTS if (column := match.form.column(role)) is not None}
    has_results = not results or not results.isdisjoint(match.heads[match.form.indicator_table])
    judged = (match.has_points or not match.form.has_points) and not match.other_funds and has_results
    return judged and len(match.unknown_rows) * _MOST_UNKNOWN <= rows and match.confidence >= LEAST_FIT
