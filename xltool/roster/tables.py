"""Tables of a roster as rows: the head is found, every cell is a text that a workbook can hold, or a fault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from xltool.language.texts import MOST_IN_CELL, clean, text_units, unfit_characters, with_line_feeds
from xltool.roster.columns import MONEY, heading, meant, stated_unit
from xltool.roster.faults import Faults, quote
from xltool.support.i18n import tr


@dataclass(frozen=True)
class SpoiltHead:
    """A cell whose value cannot be trusted, and why, in Chinese and in English."""

    chinese: str
    english: str


Cell = str | SpoiltHead


@dataclass(frozen=True)
class RosterRow:
    """One line of a table.

    Attributes:
        where: how the line is named: ``《项目》第 3 行``.
        cells: its texts by column.
        heads: the headings by column, as they are written.
        spoilt: columns whose fault has been told.
    """

    where: str
    cells: Mapping[str, str]
    heads: Mapping[str, str] = field(default_factory=dict)
    spoilt: frozenset[str] = frozenset()

    def place(self, key: str) -> str:
        """How a cell is named: line and heading."""
        return f"{self.where}“{self.heads.get(key) or heading(key)}”"

    def with_unit(self, unit: str) -> RosterRow:
        """The row with its amounts in a money unit."""
        return RosterRow(self.where, {**self.cells, "money_unit": unit}, self.heads, self.spoilt)


@dataclass(frozen=True)
class RosterTable:
    """The lines of a table under its head.

    Attributes:
        columns: the columns that the head names.
        unread: headings that mean no column.
    """

    rows: Sequence[RosterRow] = ()
    columns: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()


def table_rows(
    table: Iterable[Sequence[Cell]],
    columns: Mapping[str, Sequence[str]],
    where: str,
    needed: Sequence[str],
    faults: Faults,
) -> RosterTable:
    """The lines of a table whose first line that names two columns is its head.

    Args:
        table: cells, line by line.
        columns: the columns and the headings they go by.
        where: how a line is named, with ``{}`` for its number from 1.
        needed: columns that must be there.
        faults: where to note what is wrong.
    """
    lines = enumerate(table, 1)
    head = _head(lines, columns, where, faults)
    lacking = [heading(key) for key in needed if key not in head.at]
    if lacking:
        names = "、".join(lacking)
        chinese = f"没有这些列：{names}；请在表头里补上（表头是第一个写有这些名称的行）"
        faults.add(where.format(head.number or 1), chinese, f"columns missing: {names}; add them to the head")
        return RosterTable()
    found = (_row(where.format(number), line, head, faults) for number, line in lines)
    return RosterTable([row for row in found if any(row.cells.values()) or row.spoilt], frozenset(head.at), head.unread)


@dataclass(frozen=True)
class _Head:
    number: int = 0
    at: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    unit: str = ""


def is_head_row(line: Sequence[Cell], columns: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Where a line names columns, the first from the left for each; a head names two at least."""
    named = [(meant(text, columns)[0], place) for place, text in enumerate(line) if isinstance(text, str)]
    first = {key: place for key, place in reversed(named) if key}
    return dict(sorted(first.items(), key=lambda one: one[1]))


def _head(
    lines: Iterator[tuple[int, Sequence[Cell]]], columns: Mapping[str, Sequence[str]], where: str, faults: Faults
) -> _Head:
    above = ""
    for number, line in lines:
        at = is_head_row(line, columns)
        if len(at) > 1:
            names = {key: clean(str(line[place])).replace("\n", "").rstrip("*") for key, place in at.items()}
            others = (text for place, text in enumerate(line) if place not in at.values() and isinstance(text, str))
            unread = tuple(clean(text) for text in others if clean(text))
            stated = {meant(name, columns)[1] for name in names.values()} - {""}
            if len(stated) > 1:
                faults.add(
                    where.format(number), "表头里既有元又有万元，请统一", "the head states both 元 and 万元; use one"
                )
            return _Head(number, at, names, unread, min(stated, default=above))
        above = next((unit for text in line if isinstance(text, str) and (unit := stated_unit(text))), above)
    return _Head()


def _row(where: str, line: Sequence[Cell], head: _Head, faults: Faults) -> RosterRow:
    cells: dict[str, str] = {}
    spoilt = set()
    for key, place in head.at.items():
        cell = line[place] if place < len(line) else ""
        text = refuse_unfit_text(cell, f"{where}“{head.names[key]}”", faults)
        cells[key] = text or ""
        if text is None:
            spoilt.add(key)
    row = RosterRow(where, cells, head.names, frozenset(spoilt))
    return _with_unit(row, head.unit, faults) if head.unit else row


def _with_unit(row: RosterRow, unit: str, faults: Faults) -> RosterRow:
    """The row in the money unit that head or title state, where it has amounts."""
    own = row.cells.get("money_unit", "")
    if own and own != unit:
        chinese = f"“{quote(own)}”与表头的“{unit}”不一致，请改成一样的"
        faults.add(row.place("money_unit"), chinese, f"'{quote(own)}' is not '{unit}' as the head says; use one")
    if not any(row.cells.get(key) for key in MONEY):
        return row
    return row.with_unit(unit)


def refuse_unfit_text(cell: Cell, place: str, faults: Faults) -> str | None:
    """The text of a cell; None when it cannot be one, which is noted."""
    if isinstance(cell, SpoiltHead):
        faults.add(place, cell.chinese, cell.english)
        return None
    text = with_line_feeds(cell)
    if letter := unfit_characters(text):
        code = f"U+{ord(letter):04X}"
        faults.add(place, f"有控制字符（{code}），请删去", f"control character ({code}); remove it")
        return None
    if text_units(text) > MOST_IN_CELL:
        chinese = f"有 {text_units(text)} 个字符，一格最多 {MOST_IN_CELL} 个，请缩短"
        faults.add(place, chinese, f"{text_units(text)} characters, a cell holds {MOST_IN_CELL}; shorten it")
        return None
    return clean(text)


def line_name(sheet: str = "") -> str:
    """How lines are named, with ``{}`` for the number: of a sheet, or of a file."""
    return tr(f"《{sheet}》第 {{}} 行", f"{sheet} row {{}}") if sheet else tr("第 {} 行", "row {}")
