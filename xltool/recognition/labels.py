"""The meaning of printed labels, compared as people read them, whatever the spelling.

``项目 资金：`` and ``项目资金（万元）`` are the same label; labels of levels may have their points appended.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from xltool.form.blocks import Block, Matrix, Table
from xltool.form.definition import Form
from xltool.form.field import Field
from xltool.form.own_sheets import VERDICTS
from xltool.language.texts import fold_width
from xltool.result.roles import TOTAL_WEIGHT, YEAR
from xltool.support.memo import memo
from xltool.support.templates import keep

#: White space, colons, and stars that some offices put before names.
_IGNORED = re.compile("[\\s:：★☆]")
_LEADING = re.compile(r"^(?:其中|[(][一二三四五六七八九十\d]+[)]|[一二三四五六七八九十\d]+[、.])(?=\D)")
_UNIT = re.compile(r"[(](?:单位)?(?:人民币)?(?:万元|元)[)]|[,，](?:万元|元)$")
_POINTS = re.compile(r"[(]?\d+(?:\.\d+)?(?:分|%)[)]?$|[(]\d+(?:\.\d+)?[)]$|[(]必填.*[)]$")


#: Longer texts, in characters, are not labels, and are not cached.
_LONGEST = 120

_REMARK = re.compile(r"[(][^()]*[)]$")


def label_key(text: str) -> str:
    """Normalise a label for comparison: width folded, without white space, colons and a leading 其中."""
    return label_keys(text)[0]


@memo(5_000, _LONGEST)
def label_keys(text: str) -> tuple[str, ...]:
    """The normalised label, then without a money unit, then without appended points."""
    first = _LEADING.sub("", _IGNORED.sub("", fold_width(text)))
    plain = _UNIT.sub("", first)
    return tuple(dict.fromkeys((first, plain, _POINTS.sub("", plain))))


T = TypeVar("T")

#: What labels mean, by normalised label.
Meanings = Mapping[str, str]


@dataclass(frozen=True)
class Vocabulary:
    """The meanings of the labels of a form, by normalised label.

    Attributes:
        fields: single fields in lines of labels and values; several if they have the same label.
        below_heads: single fields that stand below their labels, by the id of their block.
        heads: columns, by the key of their matrix or table.
        upper_heads: heads in the upper of two lines, by the key of their matrix or table.
        rows: rows of matrices, by the key of the matrix.
        level1, level2: levels, by the key of their table.
        stems: the names of a second level without a final 指标 or 目标, by its id.
        totals: the ids of lines of totals.
        titles: titles of the form.
        sides: texts beside the blocks without a meaning of their own.
        helper_heads: heads of the helper columns beside an issued form, whose stamp may be gone.
        own_labels: all labels that the form itself prints, as opposed to synonyms.
        indicators: the key of the table of indicators; "" if the form has none.
    """

    fields: Mapping[str, tuple[str, ...]]
    below_heads: Mapping[str, Meanings]
    heads: Mapping[str, Meanings]
    upper_heads: Mapping[str, frozenset[str]]
    rows: Mapping[str, RowLabels]
    level1: Mapping[str, Meanings]
    level2: Mapping[str, Meanings]
    stems: Mapping[str, tuple[str, ...]]
    totals: Meanings
    titles: frozenset[str]
    sides: frozenset[str]
    helper_heads: frozenset[str]
    own_labels: frozenset[str]
    indicators: str

    @cached_property
    def levels(self) -> Meanings:
        """The levels of all tables."""
        return {
            label: name for table in (*self.level1.values(), *self.level2.values()) for label, name in table.items()
        }

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number of columns of each matrix and table."""
        return {key: len({*heads.values()}) for key, heads in self.heads.items()}

    @cached_property
    def widest(self) -> str:
        """The key of the indicators; without them that of the block with the most columns; "" if there is none."""
        return self.indicators or max(self.numbers, key=self.numbers.__getitem__, default="")

    @property
    def widest_number(self) -> int:
        """The number of columns of that block."""
        return self.numbers.get(self.widest, 1)

    def columns_named(self, texts: Iterable[str]) -> int:
        """The number of different columns of the widest block that texts name."""
        columns = self.heads[self.widest] if self.widest else {}
        return len({label_meaning(text, columns) for text in texts} - {None})


class RowLabels(dict[str, tuple[str, ...]]):
    """The rows of a matrix by label; several for a label that occurs under several others.

    Only marks are removed from their labels, because brackets can be essential.
    """


def label_meaning(text: str, meanings: Mapping[str, T]) -> T | None:
    """The meaning of a text among these meanings, with or without its notes; None if it has none."""
    meaning = next((meanings[key] for key in label_keys(text) if key in meanings), None)
    if meaning is None and len(text) <= _LONGEST:
        bare = _without_marks(text) if isinstance(meanings, RowLabels) else _without_notes(text)
        return next((meanings[key] for key in label_keys(bare) if key in meanings), None) if bare else None
    return meaning


#: Notes on a head: after it brackets, circled or raised numbers, stars; before it only stars and the like.
_NOTE = re.compile(
    r"^[\s*＊※#＃△▲☆★]+|(?:[(（\[【〔][^()（）\[\]【】〔〕]*[)）\]】〕]|\[?注\s*\d*\]?"
    r"|[\s*＊※#＃†‡△▲☆★①-⑳⑴-⒇❶-❿➀-➓⓪-⓿²³¹⁰-⁹₀-₉])+$"
)


#: Notes that are recognisable as such on any label.
_MARK = re.compile(
    r"^[\s*＊※#＃△▲☆★]+|(?:[(（\[【〔](?:注|备注|必填|选填|见|说明)[^()（）\[\]【】〔〕]*[)）\]】〕]"
    r"|[(（\[【〔][*＊※#\d]{1,2}[)）\]】〕]|\[?注\s*\d*\]?|[\s*＊※#＃†‡△▲☆★①-⑳⑴-⒇❶-❿➀-➓⓪-⓿²³¹⁰-⁹₀-₉])+$"
)

#: Notes that change the meaning of a label.
_OTHER = re.compile(r"代码|编码|编号|电话|联系")


@memo(2_000, _LONGEST)
def _without_notes(text: str) -> str:
    """A label without its notes; "" if it has none, or one that changes its meaning."""
    bare = without_notes(text)
    return bare if bare != text and not _OTHER.search(text) else ""


@memo(2_000, _LONGEST)
def _without_marks(text: str) -> str:
    """The label of a row without its marks; "" if it has none."""
    bare = _MARK.sub("", text)
    return bare if bare != text else ""


def without_notes(text: str) -> str:
    """A head without its notes: 年度指标值（注2）, 实际完成值①, 得分*."""
    return _NOTE.sub("", text)


def total_meaning(text: str, words: Vocabulary) -> str | None:
    """The line of totals that a text labels, whatever follows in brackets: points, what is included."""
    plain = label_key(text)
    bare = label_key(_without_notes(text)) if len(text) <= _LONGEST else ""
    return next((words.totals[key] for key in (plain, _REMARK.sub("", plain), bare) if key in words.totals), None)


def is_total(text: str, words: Vocabulary) -> bool:
    """Whether a text is the label of a line of totals."""
    return total_meaning(text, words) is not None


def is_side(text: str, words: Vocabulary) -> bool:
    """Whether a text is printed beside a block without a meaning of its own."""
    return any(key in words.sides for key in label_keys(text))


#: Texts that other forms print beside the blocks.
_SIDES = (
    "项目资金",
    "预算执行情况",
    "绩效指标",
    "年度绩效指标",
    "年度总体目标",
    "年度绩效目标",
    "序号",
    "备注",
    "其中",
)

#: The ending of names of levels, which is often left out to save space.
_ENDING = re.compile("(?:指标|目标)$")


@keep
def vocabulary(form: Form) -> Vocabulary:
    """The labels of a form and their synonyms."""
    lines = [field for field in form.fields.values() if not field.label_line and not field.embedded_in]
    sides = (*(block.label for block in form.blocks if block.label and not block.is_total), *_SIDES)
    by_place = {form.roles.path(role) for role in (TOTAL_WEIGHT, YEAR)}  # found by where they stand
    helpers = (column.label for table in form.tables.values() for column in table.columns.values() if column.helper)
    groups = [(name, (group.label, *group.synonyms)) for name, (_, group) in form.groups.items()]
    blocks: dict[str, Matrix | Table] = {**form.matrices, **form.tables}
    return Vocabulary(
        fields=_index_all(_labels_of(field for field in lines if field.name not in by_place)),
        below_heads=_below_heads(form),
        heads={key: _index(_labels_of(_printed_columns(block))) for key, block in blocks.items()},
        upper_heads={
            key: frozenset(label_key(label) for head in block.heads for label in (head.label, *head.synonyms))
            for key, block in blocks.items()
        },
        rows={
            key: RowLabels(_index_all([(row.id, (row.label, *row.synonyms)) for row in matrix.rows.values()]))
            for key, matrix in form.matrices.items()
        },
        level1={key: _levels(_level1_labels(table)) for key, table in form.tables.items()},
        level2={key: _levels(_level2_labels(table)) for key, table in form.tables.items()},
        stems={name: _stems(labels) for name, labels in groups},
        totals=_index([(total.id, (total.label, *total.synonyms)) for total in form.totals]),
        titles=frozenset(map(label_key, (form.title, *form.titles))),
        sides=frozenset(map(label_key, sides)),
        helper_heads=frozenset(map(label_key, (*helpers, VERDICTS))),
        own_labels=frozenset(map(label_key, _own_labels(form))),
        indicators=form.indicator_table,
    )


Names = list[tuple[str, tuple[str, ...]]]


def _printed_columns(block: Matrix | Table) -> list[Field]:
    return [column for column in block.columns.values() if not column.helper]


def _below_heads(form: Form) -> Mapping[str, Meanings]:
    fields: dict[str, list[Field]] = {}
    for field in form.fields_below_heads:
        fields.setdefault(field.block, []).append(field)
    return {block: _index(_labels_of(of_block)) for block, of_block in fields.items()}


def _level1_labels(table: Table) -> Names:
    return [(level.id, (level.label, *level.synonyms)) for level in table.level1 if level.label]


def _level2_labels(table: Table) -> Names:
    groups = table.groups.values() if table.level_columns else ()
    return [(level.id, (level.label, *level.synonyms)) for level in groups]


def _levels(names: Names) -> Meanings:
    """Levels by their labels, with or without the ending."""
    return _index([*names, *((name, _stems(labels)) for name, labels in names)])


def _own_labels(form: Form) -> list[str]:
    """All labels that a form prints."""
    own = [form.title, *(total.label for total in form.totals), *(field.label for field in form.fields.values())]
    for block in form.blocks:
        own += [column.label for column in _columns(block)]
        if isinstance(block, Matrix):
            own += [row.label for row in block.rows.values()]
        if isinstance(block, Table):
            own += [label for _, (label, *_) in (*_level1_labels(block), *_level2_labels(block))]
    return own


def _columns(block: Block) -> Iterable[Field]:
    return block.columns.values() if isinstance(block, Matrix | Table) else ()


def _labels_of(fields: Iterable[Field]) -> Names:
    return [(field.name, (field.label, *((field.print_label,) if field.print_label else ()), *field.synonyms))
            for field in fields]  # fmt: skip


def _stems(labels: Iterable[str]) -> tuple[str, ...]:
    """The names of a level without their ending."""
    return tuple(dict.fromkeys(_ENDING.sub("", label_key(label)) for label in labels))


def _index(names: Names) -> dict[str, str]:
    """Names by normalised label. The own label of a field takes precedence over synonyms of others."""
    return {label: first for label, (first, *_) in _index_all(names).items()}


def _index_all(names: Names) -> dict[str, tuple[str, ...]]:
    """All names with a label, by normalised label: those whose own label it is, or else those with such a synonym."""
    index: dict[str, tuple[str, ...]] = {}
    for is_own in (True, False):
        known = set() if is_own else set(index)
        for name, labels in names:
            for key in dict.fromkeys(map(label_key, labels[:1] if is_own else labels[1:])):
                if key not in known and name not in index.get(key, ()):
                    index[key] = (*index.get(key, ()), name)
    return index
