"""Tables of a roster as rows: the head is found, and every cell is a valid text or a fault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xltool.language.texts import MOST_IN_CELL, clean, text_units, unfit_characters, with_line_feeds
from xltool.roster.columns import column_of_heading, heading, is_money, stated_unit
from xltool.roster.faults import Faults, quote
from xltool.support.i18n import tr


@dataclass(frozen=True)
class UnusableCell:
    """A cell whose value cannot be trusted, with the reason in Chinese and in English."""

    chinese: str
    english: str


Cell = str | UnusableCell


@dataclass(frozen=True)
class RosterRow:
    """One line of a table.

    Attributes:
        where: the name of the line in messages: ``《项目》第 3 行``.
        cells: its texts by column.
        heads: the headings by column, as written.
        faulty_columns: columns whose fault has already been reported.
    """

    where: str
    cells: Mapping[str, str]
    heads: Mapping[str, str] = field(default_factory=dict)
    faulty_columns: frozenset[str] = frozenset()

    def place(self, key: str) -> str:
        """The name of a cell in messages: line and heading."""
        return f"{self.where}“{self.heads.get(key) or heading(key)}”"

    def with_unit(self, unit: str) -> RosterRow:
        """The row with a money unit."""
        return replace(self, cells={**self.cells, "money_unit": unit})

    def with_subject(self) -> RosterRow:
        """The row with the unit as the name of its project, if its table does not name projects."""
        if "name" in self.heads or "unit" not in self.heads:
            return self
        return replace(self, cells={**self.cells, "name": self.cells["unit"]})

    @property
    def has_amounts(self) -> bool:
        """Whether it has amounts of money."""
        return any(text and is_money(key) for key, text in self.cells.items())


@dataclass(frozen=True)
class RosterTable:
    """The lines of a table below its head.

    Attributes:
        rows: the lines that are not blank.
        columns: the columns in the head.
        unused_headings: headings that match no column.
    """

    rows: Sequence[RosterRow] = ()
    columns: frozenset[str] = frozenset()
    unused_headings: tuple[str, ...] = ()


def table_rows(
    table: Iterable[Sequence[Cell]],
    columns: Mapping[str, Sequence[str]],
    where: str,
    needed: Sequence[str],
    faults: Faults,
) -> RosterTable:
    """The lines of a table below its head, which is the first line with headings of two columns.

    Args:
        table: cells, line by line.
        columns: the columns and their headings.
        where: the name of a line in messages, with ``{}`` for its number from 1.
        needed: the required columns.
        faults: collects the faults.
    """
    lines = enumerate(table, 1)
    head = _find_head(lines, columns, where, faults)
    missing = [heading(key) for key in needed if key not in head.at]
    if missing:
        names = "、".join(missing)
        chinese = f"没有这些列：{names}；请在表头里补上（表头是第一个写有这些名称的行）"
        faults.add(where.format(head.number or 1), chinese, f"columns missing: {names}; add them to the head")
        return RosterTable()
    rows = (_build_row(where.format(number), line, head, faults) for number, line in lines)
    return RosterTable(
        [row for row in rows if any(row.cells.values()) or row.faulty_columns], frozenset(head.at), head.unread
    )


@dataclass(frozen=True)
class _Head:
    number: int = 0
    at: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    unit: str = ""


def is_head_row(line: Sequence[Cell], columns: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The columns in a line with their indices, the leftmost for each; a head has at least two."""
    headings = [
        (column_of_heading(text, columns)[0], place) for place, text in enumerate(line) if isinstance(text, str)
    ]
    first = {key: place for key, place in reversed(headings) if key}
    return dict(sorted(first.items(), key=lambda item: item[1]))


def _find_head(
    lines: Iterator[tuple[int, Sequence[Cell]]], columns: Mapping[str, Sequence[str]], where: str, faults: Faults
) -> _Head:
    above = ""
    for number, line in lines:
        at = is_head_row(line, columns)
        if len(at) > 1:
            names = {key: clean(str(line[place])).replace("\n", "").rstrip("*") for key, place in at.items()}
            others = (text for place, text in enumerate(line) if place not in at.values() and isinstance(text, str))
            unread = tuple(clean(text) for text in others if clean(text))
            stated = {column_of_heading(name, columns)[1] for name in names.values()} - {""}
            if len(stated) > 1:
                faults.add(
                    where.format(number), "表头里既有元又有万元，请统一", "the head states both 元 and 万元; use one"
                )
            return _Head(number, at, names, unread, min(stated, default=above))
        above = next((unit for text in line if isinstance(text, str) and (unit := stated_unit(text))), above)
    return _Head()


def _build_row(where: str, line: Sequence[Cell], head: _Head, faults: Faults) -> RosterRow:
    cells: dict[str, str] = {}
    spoilt = set()
    for key, place in head.at.items():
        cell = line[place] if place < len(line) else ""
        text = refuse_unfit_text(cell, f"{where}“{head.names[key]}”", faults)
        cells[key] = text or ""
        if text is None:
            spoilt.add(key)
    row = RosterRow(where, cells, head.names, frozenset(spoilt))
    return _apply_unit(row, head.unit, faults) if head.unit else row


def _apply_unit(row: RosterRow, unit: str, faults: Faults) -> RosterRow:
    """The row with the money unit of the head or title, if it has amounts."""
    stated = row.cells.get("money_unit", "")
    if stated and stated != unit:
        chinese = f"“{quote(stated)}”与表头的“{unit}”不一致，请改成一样的"
        faults.add(row.place("money_unit"), chinese, f"'{quote(stated)}' is not '{unit}' as the head says; use one")
    if not row.has_amounts:
        return row
    return row.with_unit(unit)


def refuse_unfit_text(cell: Cell, place: str, faults: Faults) -> str | None:
    """The text of a cell; None if it is invalid, which is noted as a fault."""
    if isinstance(cell, UnusableCell):
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
    """The name of a line of a sheet or file in messages, with ``{}`` for the number."""
    return tr(f"《{sheet}》第 {{}} 行", f"{sheet} row {{}}") if sheet else tr("第 {} 行", "row {}")
