"""Which forms a workbook holds, and on which sheets: by the stamp in its three carriers, else by printed labels."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xltool.form import stamps
from xltool.form.definition import broken_definitions, load_form, newest, references
from xltool.form.layout import MOST_ROWS, Layout, explanation_name
from xltool.form.own_sheets import CHECK, GUIDE, LISTS, PANEL, PANEL_FIRST_ROW, REMARKS, STAMP
from xltool.recognition.by_labels import match_labels
from xltool.recognition.label_match import LabelMatch
from xltool.recognition.seal_check import SealCheck, check_seal
from xltool.recognition.sheet_view import LAST_ROW, SheetView
from xltool.recognition.split import split_tables
from xltool.recognition.table_kinds import ForeignTable, TableKind, load_table_kinds, most_similar_kind, unread_labels
from xltool.rules.catalogue import Catalogue, definition_fault, load_catalogue
from xltool.support.i18n import tr
from xltool.support.own_tables import LINES, known_table
from xltool.support.resources import own_definitions
from xltool.workbook.defined_names import parse_reference
from xltool.workbook.grid import Grid, Sheet

#: Less agreement than this between the labels of a sheet and those of a definition is no form.
LEAST_FIT = 0.5

#: Where a definition fits so well, a title of another kind does not matter.
_CLEAR = 0.8

#: Where more than one row in so many stands under levels that a definition does not have, the form is another.
_MOST_UNKNOWN = 3

#: The heads of what came of the indicators: a table with neither is one of targets.
_RESULTS = frozenset({"actual", "score"})

#: What a form is called that nobody filled in, beside one that somebody did.
_BLANK = TableKind("没有填写的自评表", "a self-evaluation that was not filled in")

#: Definitions that fit within this of the best fit equally well.
_EQUAL = 0.005

#: Sheets of ours beside the form's.
HELPERS = (GUIDE, PANEL, LISTS, CHECK, STAMP)

#: How the panel names a rule.
_RULE_ID = re.compile("[A-Z][0-9]{2}")


def known_list(grid: Grid) -> str:
    """Which of our own lists a workbook is, whatever it is called now; "" for one that may hold a form."""
    if CHECK in grid.sheets or STAMP in grid.sheets:
        return ""
    every = (known_table(_first_lines(sheet)) for sheet in grid.sheets.values())
    return next((name for name in every if name), "")


def _first_lines(sheet: Sheet) -> list[list[str]]:
    lines: dict[int, list[str]] = {}
    for (row, _), fact in sheet.cells.items():
        if row <= LINES:
            lines.setdefault(row, []).append(fact.text)
    return list(lines.values())


def is_helper_sheet(grid: Grid) -> tuple[str, ...]:
    """Our sheets beside the form's; a sheet of somebody else may be called 填报说明 too."""
    return (*HELPERS, REMARKS) if CHECK in grid.sheets or STAMP in grid.sheets else ()


class UnknownForm(Exception):  # noqa: N818  # about the file, not about us
    """Not a form we know; the text says why, the key is that of the case of rule P01."""

    def __init__(self, reason: str, key: str = "unknown") -> None:
        super().__init__(reason)
        self.key = key


@dataclass(frozen=True)
class Identity:
    """A form, and where it is.

    Attributes:
        catalogue: its definition and rules.
        layout: how it was issued; of a form that is none of ours, as the definition has it.
        sheet: the sheet it stands on now.
        carriers: those of the stamp that were left: sheet, property, name; none for a form that is none of ours.
        located: what its labels lead to; None where the stamp says enough.
        rivals: other definitions that fit as well.
        turn: which time around it is, as its stamp says.
        sealed: its seal, where it was issued to a project.
        other_release: whether another release of ours wrote it, whose checks and panel may have been others.
        foreign: tables beside it that are no form; said of the first form of a workbook.
    """

    catalogue: Catalogue
    layout: Layout
    sheet: str
    carriers: tuple[str, ...] = ()
    located: LabelMatch | None = None
    rivals: tuple[str, ...] = ()
    round: stamps.Round = stamps.FIRST
    seal_check: SealCheck | None = None
    other_release: bool = False
    foreign: tuple[ForeignTable, ...] = ()

    def layout_of(self, capacities: Mapping[str, int]) -> Layout:
        """The form with so many rows in each group, its panel as it is in the workbook."""
        made = self.catalogue.layout(capacities)
        return made.with_panel(self.layout.panel, self.layout.explainable) if self.other_release else made


def identify(grid: Grid) -> list[Identity]:
    """The forms of a workbook, ours first.

    Raises:
        Unknown: none, or one of a form or version that is not among ours.
    """
    ours = _stamped(grid)
    sheets = [sheet for sheet in grid.sheets if sheet not in (ours.sheet if ours else "", *is_helper_sheet(grid))]
    found = [one for sheet in sheets for page in split_tables(grid, sheet) if (one := _by_labels(page)) is not None]
    forms = [*([ours] if ours else []), *(one for one in found if isinstance(one, Identity))]
    filled = [one for one in forms if one.located is None or one.located.is_filled]
    foreign = [one for one in found if isinstance(one, ForeignTable)]
    if not forms:
        raise _unknown(foreign)
    blank = [ForeignTable(one.sheet, _BLANK, (), *_extent(one)) for one in forms if one not in filled] if filled else []
    first, *others = filled or forms
    return [replace(first, foreign=(*foreign, *blank)), *others]


def _extent(form: Identity) -> tuple[int, int]:
    return (form.located.page.top, form.located.page.bottom) if form.located else (1, LAST_ROW)


def _unknown(foreign: Sequence[ForeignTable]) -> UnknownForm:
    """Why a workbook without a form is none: what its tables look like."""
    if not foreign:
        chinese = "没有本工具模板的标记，也没有找到自评表的栏目（一级指标、年度指标值、实际完成值、得分……）"
        return UnknownForm(tr(chinese, "no stamp of ours, and no labels of a self-evaluation form"))
    chinese = "；".join(_looks(one, "像是") + (f"，没有认出：{one.labels}" if one.labels else "") for one in foreign)
    english = "; ".join(
        _looks(one, " looks like ") + (f"; not understood: {one.labels}" if one.labels else "") for one in foreign
    )
    return UnknownForm(tr(f"{chinese}。没有按规则检查", f"{english}. No rule was asked of it"), "foreign")


def _looks(one: ForeignTable, verb: str) -> str:
    return f"《{one.sheet}》{one.where}{verb}{one.name}"


# ── by the stamp ────────────────────────────────────────────────


def stamp_texts(grid: Grid) -> Mapping[str, str]:
    """What the three carriers say, by carrier; those that are gone are not among them."""
    texts = {
        "sheet": grid.at(STAMP, 1, 1).text,
        "property": grid.properties.get(stamps.PROPERTY, ""),
        "name": grid.names.get(stamps.NAME, "").strip('="'),
    }
    return {carrier: text for carrier, text in texts.items() if text}


def _stamped(grid: Grid) -> Identity | None:
    texts = stamp_texts(grid)
    stamp = {carrier: found for carrier, text in texts.items() if (found := stamps.parse_stamp(text)) is not None}
    if not stamp:
        return None
    form_id, version, capacities = next(iter(stamp.values()))
    reference = f"{form_id}/{version}"
    if reference not in references() and reference not in broken_definitions():
        raise _not_ours(form_id, version)
    if (reason := definition_fault(reference)) is not None:
        chinese = f"模板 {reference} 的定义有错，没有读取：{reason}"
        raise UnknownForm(tr(chinese, f"the definition of template {reference} is broken: {reason}"), "definition")
    catalogue = load_catalogue(reference)
    sound = set(capacities) == set(catalogue.form.level2) and all(0 < rows <= MOST_ROWS for rows in capacities.values())
    if not sound:
        raise UnknownForm(tr("模板标记已损坏", "the stamp is damaged"))
    other_release = grid.at(STAMP, 4, 1).text != catalogue.release
    layout = _of_release(grid, catalogue.layout(capacities)) if other_release else catalogue.layout(capacities)
    sheet = _form_sheet(grid, layout)
    if sheet is None:
        raise UnknownForm(tr(f"没有《{layout.form.sheet}》工作表", f"there is no sheet {layout.form.sheet}"))
    turn = max(map(stamps.round_of, texts.values()), key=lambda one: one.number)
    seal = check_seal(grid, layout)
    layout = layout.with_issued(seal.values(layout) if seal else ())
    return Identity(catalogue, layout, sheet, tuple(stamp), round=turn, seal_check=seal, other_release=other_release)


def _of_release(grid: Grid, layout: Layout) -> Layout:
    """The layout with the lines of the workbook's own panel: an explanation stands beside the rule that is named there.

    A panel that names no rule where ours begins was rebuilt; it is read as ours.
    """
    panel: list[str] = []
    while _RULE_ID.fullmatch(rule := grid.at(PANEL, PANEL_FIRST_ROW + len(panel), 1).text) and rule not in panel:
        panel.append(rule)
    if not panel or tuple(panel) == layout.panel:
        return layout
    named = {name for name in grid.names if name.startswith(explanation_name(""))}
    own = (rule for rule in layout.explainable if rule in panel)
    return layout.with_panel(panel, [rule for rule in own if not named or explanation_name(rule) in named])


def _not_ours(form_id: str, version: str) -> UnknownForm:
    """Why a stamp names none of our definitions: a version to come, one that was given up, or another form."""
    reference, latest = f"{form_id}/{version}", newest(form_id)
    if latest is None:
        known = "、".join(references())
        return UnknownForm(
            tr(f"模板 {reference} 不在支持的版本中（{known}）", f"template {reference} is not supported ({known})")
        )
    if int(version) > int(latest.rpartition("/")[2]):
        chinese = f"模板 {reference} 比本工具的 {latest} 新"
        return UnknownForm(tr(chinese, f"template {reference} is newer than our {latest}"), "newer")
    told = load_form(latest).versions.get(version)
    why = f"：{told.reason}" if told else ""
    chinese = f"旧版模板 {reference} 不再支持{why}；现行的是 {latest}"
    return UnknownForm(tr(chinese, f"template {reference} is no longer supported{why}; {latest} is current"), "refused")


def _form_sheet(grid: Grid, layout: Layout) -> str | None:
    """The form's sheet under whatever name: where its names lead, else its own, else what reads like it."""
    names = [name for name, box in layout.names.items() if box.sheet == layout.form.sheet]
    led = Counter(box.sheet for name in names if (box := parse_reference(grid.names.get(name, ""))) is not None)
    for sheet, _ in led.most_common():
        if sheet in grid.sheets:
            return sheet
    if layout.form.sheet in grid.sheets:
        return layout.form.sheet
    read = [(located.fit, sheet) for sheet in grid.sheets if sheet not in HELPERS
            and (located := match_labels(layout.form, SheetView(grid, sheet))) is not None]  # fmt: skip
    return max(read)[1] if read and max(read)[0] >= LEAST_FIT else None


# ── by labels ───────────────────────────────────────────────────


def _by_labels(page: SheetView) -> Identity | ForeignTable | None:
    """The form that a page holds, or what it looks like where it is none; None where it is no such table at all."""
    fits = [(located.worth, reference, located) for reference in references()
            if (located := match_labels(load_form(reference), page)) is not None]  # fmt: skip
    reference, located = _best(fits)
    kind, score = most_similar_kind(page, set(located.contents()) if located else ())
    sure = located is not None and (score < load_table_kinds().sure or located.worth >= _CLEAR)
    if located is not None and sure and _is_form(located):
        catalogue = load_catalogue(reference)
        others = [one for one in fits if one[2].form.id != located.form.id]
        rivals = tuple(one[1] for one in others if located.worth - one[0] <= _EQUAL)
        return Identity(catalogue, catalogue.layout(), page.sheet, (), located, rivals)
    if located is not None and score < load_table_kinds().least:
        kind = load_table_kinds().other if located.is_scored else load_table_kinds().unscored
    unread = [*(located.unread if located else ()), *unread_labels(page)]
    return ForeignTable(page.sheet, kind, tuple(dict.fromkeys(unread)), page.top, page.bottom) if kind else None


def _best(fits: Sequence[tuple[float, str, LabelMatch]]) -> tuple[str, LabelMatch | None]:
    """What fits best of the definitions without a fault; of versions of one form that fit alike, the newest."""
    for _, group in itertools.groupby(sorted(fits, key=lambda one: one[0], reverse=True), key=lambda one: one[0]):
        alike = [one for one in group if one[1] not in own_definitions() or definition_fault(one[1]) is None]
        newer = [one for one in alike if len(alike) > 1 and one[1] == newest(one[2].form.id)]
        for _, reference, located in (*newer, *alike):
            return reference, located
    return "", None


def _is_form(located: LabelMatch) -> bool:
    """Whether a definition fits a table well enough to judge it: results and points, levels and labels of its own."""
    rows = len(located.rows) + len(located.unknown_rows)
    judged = located.is_scored and not located.other_funds and not _RESULTS.isdisjoint(located.heads)
    return judged and len(located.unknown_rows) * _MOST_UNKNOWN <= rows and located.worth >= LEAST_FIT
