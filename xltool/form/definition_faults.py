"""What the schema of definitions cannot say: boxes do not overlap, labels are unique, formulas are not circular."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from xltool.form.binding import CircularFormula, cell_formulas
from xltool.form.blocks import Block, Matrix, Table
from xltool.form.definition import Form
from xltool.form.field import ON_FORM
from xltool.form.layout import Layout
from xltool.form.places import Place, VariableRowCell
from xltool.form.printed_labels import printed_labels
from xltool.support.errors import WrongDefinition
from xltool.workbook.box import Box
from xltool.workbook.letters import column_letters, column_numbers


def refuse_wrong_layout(form: Form, file: str) -> None:
    """Reject a form that cannot be printed, read back or computed.

    Raises:
        WrongDefinition: with file, key and reason.
    """
    for key, reason in (*_off_sheet(form), *_equal_labels(form), *_equal_keys(form)):
        raise WrongDefinition(file, key, reason)
    for key, reason in _overlaps(form):
        raise WrongDefinition(file, key, reason)
    try:
        cell_formulas(form)
    except CircularFormula as error:
        raise WrongDefinition(file, str(error), "公式要用到它自己的结果，成了环") from None


def _off_sheet(form: Form) -> Iterator[tuple[str, str]]:
    """The fields without columns, or with columns that the sheet has not."""
    printed = range(1, len(form.widths) + 1)
    for key, columns in _columns_by_key(form):
        if not columns:
            yield key, "没有写 columns：这一栏占哪几列"
        elif not column_numbers(columns):
            yield key, f"{columns} 的两列写反了"
        elif not {*column_numbers(columns)} <= {*printed}:
            yield key, f"{columns} 不在 widths 的列里"


def _columns_by_key(form: Form) -> Iterator[tuple[str, str]]:
    for field in form.fields.values():
        key = f"block.{field.full_name.replace('.', '.cell.')}"
        if field.sheet == ON_FORM:
            yield f"{key}.columns", field.columns
        if field.label_columns:
            yield f"{key}.label_columns", field.label_columns
    for block in form.blocks:
        if block.label_columns:
            yield f"block.{block.id}.label_columns", block.label_columns
        for columns in block.row_label_columns if isinstance(block, Matrix) else ():
            yield f"block.{block.id}.row_label_columns", columns
        for head in block.heads if isinstance(block, Matrix | Table) else ():
            yield f"block.{block.id}.heads", head.columns
        for name, column in block.columns.items() if isinstance(block, Matrix | Table) else ():
            if not column.helper:
                yield f"block.{block.id}.columns.{name}.columns", column.columns


def _equal_labels(form: Form) -> Iterator[tuple[str, str]]:
    """The labels that stand twice within a group: nobody could tell which is meant."""
    for block in form.blocks:
        for group, labels in _labels_of(block):
            for label, count in Counter(labels).items():
                if count > 1:
                    yield f"block.{block.id}.{group}", f"“{label}”出现了 {count} 次；同一组里的名称不能相同"


def _labels_of(block: Block) -> Iterator[tuple[str, Iterable[str]]]:
    yield "cell", [field.label for field in block.fields if field.sheet == ON_FORM and field.label_columns]
    if isinstance(block, Matrix):
        yield "rows", [f"{row.under} {row.label}" for row in block.rows.values()]
    if isinstance(block, Matrix | Table):
        yield "columns", [column.label for column in block.columns.values() if not column.helper]
    if isinstance(block, Table):
        yield "level1", [level1.label for level1 in block.level1]
        yield "level2", [group.label for group in block.groups.values()]


def _equal_keys(form: Form) -> Iterator[tuple[str, str]]:
    """The keys of the record that two blocks or cells claim."""
    keys = [field.name for block in form.blocks for field in block.fields]
    keys += [block.key for block in form.blocks if isinstance(block, Matrix | Table)]
    keys += [group for table in form.tables.values() if table.level_columns for group in table.groups]
    for key, count in Counter(keys).items():
        if count > 1:
            yield "block", f"记录里的名字 {key} 用了 {count} 次；请给其中一个另写 key"


def _overlaps(form: Form) -> Iterator[tuple[str, str]]:
    """The boxes that share a cell of the sheet."""
    layout = Layout(form)
    boxes = [(_name(form, place), layout.box(place)) for place in (*layout.places, *layout.level_cells)]
    boxes += [(f"“{label.text}”", label.box) for label in printed_labels(layout) if label.role != "level"]
    seen: dict[tuple[int, int], tuple[str, Box]] = {}
    levels = set(map(layout.box, layout.level_cells))  # the label of a group, over all of its rows
    for name, box in boxes:
        if box.sheet != form.sheet:
            continue
        this = name, box
        for row in range(box.top, box.bottom + 1):
            for column in range(box.left, box.right + 1):
                other = seen.setdefault((row, column), this)
                if other is not this and not (other == this and box in levels):
                    yield name, f"与 {other[0]} 重叠（{_range(box)} 和 {_range(other[1])}）"
                    return


def _name(form: Form, place: Place) -> str:
    """The name of a place in the definition, that of its column in a table."""
    if isinstance(place, VariableRowCell):
        return form.field(place).full_name
    return form.full_name(place)


def _range(box: Box) -> str:
    """The cells of a box on its sheet: ``G13``, ``G13:H13``."""
    last = f"{column_letters(box.right)}{box.bottom}"
    return box.first if box.first == last else f"{box.first}:{last}"
