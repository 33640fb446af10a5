"""The meaning of printed labels, compared as people read them, whatever the spelling.

``项目 资金：`` and ``项目资金（万元）`` are the same label; labels of levels may have their points appended.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Vocabulary:
    """The meanings of the labels of a form, by normalised label.

    Attributes:
        fields: single fields in lines of labels and values.
        goals: fields of the goal block.
        funds: columns of the fund block.
        sources: rows of the fund block.
        columns: columns of the indicator block.
        level1, level2: indicator levels.
        stems: the names of a second level without a final 指标 or 目标, by its id.
        totals: labels of the row of the total.
        titles: titles of the form.
        sides: texts beside the blocks without a meaning of their own.
        helper_heads: heads of the helper columns beside an issued form, whose stamp may be gone.
        own_labels: all labels that the form itself prints, as opposed to synonyms.
    """

    fields: Mapping[str, str]
    goals: Mapping[str, str]
    funds: Mapping[str, str]
    sources: Mapping[str, str]
    columns: Mapping[str, str]
    level1: Mapping[str, str]
    level2: Mapping[str, str]
    stems: Mapping[str, tuple[str, ...]]
    totals: frozenset[str]
    titles: frozenset[str]
    sides: frozenset[str]
    helper_heads: frozenset[str]
    own_labels: frozenset[str]


class Sources(dict[str, str]):
    """The meanings of rows of amounts. Only marks are removed from their labels, because brackets can be essential."""


def label_meaning(text: str, meanings: Mapping[str, str]) -> str | None:
    """The meaning of a text among these meanings, with or without its notes; None if it has none."""
    meaning = next((meanings[key] for key in label_keys(text) if key in meanings), None)
    if meaning is None and len(text) <= _LONGEST:
        bare = _without_marks(text) if isinstance(meanings, Sources) else _without_notes(text)
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
    """The label of a source of funds without its marks; "" if it has none."""
    bare = _MARK.sub("", text)
    return bare if bare != text else ""


def without_notes(text: str) -> str:
    """A head without its notes: 年度指标值（注2）, 实际完成值①, 得分*."""
    return _NOTE.sub("", text)


def is_total(text: str, words: Vocabulary) -> bool:
    """Whether a text is the label of the row of the total, whatever follows in brackets: points, what is included."""
    plain = label_key(text)
    bare = label_key(_without_notes(text)) if len(text) <= _LONGEST else ""
    return plain in words.totals or _REMARK.sub("", plain) in words.totals or bare in words.totals


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
    level1 = [(level.id, (level.label, *level.synonyms)) for level in form.level1]
    level2 = [(level.id, (level.label, *level.synonyms)) for level in form.level2.values()]
    rows = [(row.id, (row.label, *row.synonyms)) for row in form.fund_rows.values()]
    sides = (*(block.label for block in form.blocks if block.label and not block.is_total), *_SIDES)
    by_place = {form.roles.path(role) for role in (TOTAL_WEIGHT, YEAR)}  # found by where they stand
    printed = [form.title, *(total.label for total in form.totals)]
    printed += [label for _, (label, *_) in (*level1, *level2, *rows)]
    printed += [field.label for group in (form.fields, form.fund_columns, form.columns) for field in group.values()]
    return Vocabulary(
        fields=_index(_labels_of(field for field in lines if field.name not in by_place)),
        goals=_index(_labels_of(form.fields_below_heads)),
        funds=_index(_labels_of(form.fund_columns.values())),
        sources=Sources(_index(rows)),
        columns=_index(_labels_of(column for column in form.columns.values() if not column.helper)),
        level1=_index([*level1, *((name, _stems(labels)) for name, labels in level1)]),
        level2=_index([*level2, *((name, _stems(labels)) for name, labels in level2)]),
        stems={name: _stems(labels) for name, labels in level2},
        totals=frozenset(label_key(label) for total in form.totals for label in (total.label, *total.synonyms)),
        titles=frozenset(map(label_key, (form.title, *form.titles))),
        sides=frozenset(map(label_key, sides)),
        helper_heads=frozenset(
            map(label_key, (*(column.label for column in form.columns.values() if column.helper), VERDICTS))
        ),
        own_labels=frozenset(map(label_key, printed)),
    )


def _labels_of(fields: Iterable[Field]) -> list[tuple[str, tuple[str, ...]]]:
    return [(field.name, (field.label, *((field.print_label,) if field.print_label else ()), *field.synonyms))
            for field in fields]  # fmt: skip


def _stems(labels: Iterable[str]) -> tuple[str, ...]:
    """The names of a level without their ending."""
    return tuple(dict.fromkeys(_ENDING.sub("", label_key(label)) for label in labels))


def _index(names: list[tuple[str, tuple[str, ...]]]) -> dict[str, str]:
    """Names by normalised label. The own label of a field takes precedence over synonyms of others."""
    index: dict[str, str] = {}
    for is_own in (True, False):
        for name, labels in names:
            for label in labels[:1] if is_own else labels[1:]:
                index.setdefault(label_key(label), name)
    return index
