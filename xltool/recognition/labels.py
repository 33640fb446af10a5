"""What printed texts mean: labels of forms compared as people read them, whatever the spelling.

``项目 资金：`` and ``项目资金（万元）`` are the same label; level labels may have their points glued on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xltool.form.blocks import FUNDS, GOAL
from xltool.form.definition import Field, Form
from xltool.form.own_sheets import VERDICTS
from xltool.language.texts import fold_width
from xltool.support.memo import memo
from xltool.support.templates import keep

#: White space, colons, and the stars that some offices put before names.
_IGNORED = re.compile("[\\s:：★☆]")
_LEADING = re.compile(r"^(?:其中|[(][一二三四五六七八九十\d]+[)]|[一二三四五六七八九十\d]+[、.])(?=\D)")
_UNIT = re.compile(r"[(](?:单位)?(?:人民币)?(?:万元|元)[)]|[,，](?:万元|元)$")
_POINTS = re.compile(r"[(]?\d+(?:\.\d+)?(?:分|%)[)]?$|[(]\d+(?:\.\d+)?[)]$|[(]必填.*[)]$")


#: A longer text is no label, and is not remembered.
_LONGEST = 120

_REMARK = re.compile(r"[(][^()]*[)]$")


def label_key(text: str) -> str:
    """A label as it is compared: as it looks, no white space, no colons, no leading 其中."""
    return label_keys(text)[0]


@memo(5_000, _LONGEST)
def label_keys(text: str) -> tuple[str, ...]:
    """The label as printed, then without a money unit in it, then without points glued to it."""
    first = _LEADING.sub("", _IGNORED.sub("", fold_width(text)))
    plain = _UNIT.sub("", first)
    return tuple(dict.fromkeys((first, plain, _POINTS.sub("", plain))))


@dataclass(frozen=True)
class Vocabulary:
    """What each printed text of a form means, by compared label.

    Attributes:
        fields: single fields in lines of labels and values.
        goals: fields of the goal block.
        funds: columns of the fund block.
        sources: rows of the fund block.
        columns: columns of the indicator block.
        level1, level2: indicator levels.
        stems: what the names of a second level begin with, without 指标 or 目标, by its id.
        totals: labels of the total's row.
        titles: titles of the form.
        sides: texts beside the blocks that mean nothing by themselves.
        beside: heads of what we print beside a form of ours, whose stamp may be gone.
        own: every label that the form itself prints, to tell it from synonyms.
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
    beside: frozenset[str]
    own: frozenset[str]


class Sources(dict[str, str]):
    """What rows of amounts mean: only marks hang on them, since brackets tell one source from another."""


def label_meaning(text: str, meanings: Mapping[str, str]) -> str | None:
    """What a printed text means among these, None when nothing; notes that hang on it say nothing of what it is."""
    found = next((meanings[one] for one in label_keys(text) if one in meanings), None)
    if found is None and len(text) <= _LONGEST:
        bare = _without_marks(text) if isinstance(meanings, Sources) else _without_notes(text)
        return next((meanings[one] for one in label_keys(bare) if one in meanings), None) if bare else None
    return found


#: A note on a head: in brackets, a number in a circle, a raised one, a star; before it only stars and the like.
_NOTE = re.compile(
    r"^[\s*＊※#＃△▲☆★]+|(?:[(（\[【〔][^()（）\[\]【】〔〕]*[)）\]】〕]|\[?注\s*\d*\]?"
    r"|[\s*＊※#＃†‡△▲☆★①-⑳⑴-⒇❶-❿➀-➓⓪-⓿²³¹⁰-⁹₀-₉])+$"
)


#: What says by itself that it is a note, wherever it hangs.
_MARK = re.compile(
    r"^[\s*＊※#＃△▲☆★]+|(?:[(（\[【〔](?:注|备注|必填|选填|见|说明)[^()（）\[\]【】〔〕]*[)）\]】〕]"
    r"|[(（\[【〔][*＊※#\d]{1,2}[)）\]】〕]|\[?注\s*\d*\]?|[\s*＊※#＃†‡△▲☆★①-⑳⑴-⒇❶-❿➀-➓⓪-⓿²³¹⁰-⁹₀-₉])+$"
)

#: Notes that say what else stands in the place, so that it is not the one.
_OTHER = re.compile(r"代码|编码|编号|电话|联系")


@memo(2_000, _LONGEST)
def _without_notes(text: str) -> str:
    """A label without its notes; "" where none hangs on it."""
    bare = without_notes(text)
    return bare if bare != text and not _OTHER.search(text) else ""


@memo(2_000, _LONGEST)
def _without_marks(text: str) -> str:
    """The same of a source of funds."""
    bare = _MARK.sub("", text)
    return bare if bare != text else ""


def without_notes(text: str) -> str:
    """A head without the notes that hang on it: 年度指标值（注2）, 实际完成值①, 得分*."""
    return _NOTE.sub("", text)


def is_total(text: str, words: Vocabulary) -> bool:
    """Whether a printed text names the total's row, whatever stands in brackets behind: points, what is included."""
    plain = label_key(text)
    bare = label_key(_without_notes(text)) if len(text) <= _LONGEST else ""
    return plain in words.totals or _REMARK.sub("", plain) in words.totals or bare in words.totals


def is_side(text: str, words: Vocabulary) -> bool:
    """Whether a printed text stands beside a block and means nothing by itself."""
    return any(one in words.sides for one in label_keys(text))


#: Texts that other people print beside the blocks.
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

#: What the name of a level ends with, and is left out where there is little room.
_ENDING = re.compile("(?:指标|目标)$")


@keep
def vocabulary(form: Form) -> Vocabulary:
    """The labels of a form and their synonyms."""
    lines = [field for field in form.fields.values() if field.section not in (GOAL, FUNDS)]
    level1 = [(one.id, (one.label, *one.synonyms)) for one in form.level1]
    level2 = [(one.id, (one.label, *one.synonyms)) for one in form.level2.values()]
    rows = [(row.id, (row.label, *row.synonyms)) for row in form.fund_rows.values()]
    sides = (form.goal_label, form.indicators_label, *_SIDES)
    printed = [form.title, form.total_label, *(label for _, (label, *_) in (*level1, *level2, *rows))]
    printed += [field.label for group in (form.fields, form.fund_columns, form.columns) for field in group.values()]
    return Vocabulary(
        fields=_index(_named(field for field in lines if field.name not in ("total.weight", "year"))),
        goals=_index(_named(form.section(GOAL))),
        funds=_index(_named(form.fund_columns.values())),
        sources=Sources(_index(rows)),
        columns=_index(_named(column for column in form.columns.values() if not column.helper)),
        level1=_index([*level1, *((name, _stems(labels)) for name, labels in level1)]),
        level2=_index([*level2, *((name, _stems(labels)) for name, labels in level2)]),
        stems={name: _stems(labels) for name, labels in level2},
        totals=frozenset(map(label_key, (form.total_label, *form.total_labels))),
        titles=frozenset(map(label_key, (form.title, *form.titles))),
        sides=frozenset(map(label_key, sides)),
        beside=frozenset(
            map(label_key, (*(column.label for column in form.columns.values() if column.helper), VERDICTS))
        ),
        own=frozenset(map(label_key, printed)),
    )


def _named(fields: Iterable[Field]) -> list[tuple[str, tuple[str, ...]]]:
    return [(field.name, (field.label, *((field.print_label,) if field.print_label else ()), *field.synonyms))
            for field in fields]  # fmt: skip


def _stems(labels: Iterable[str]) -> tuple[str, ...]:
    """The names of a level without their ending."""
    return tuple(dict.fromkeys(_ENDING.sub("", label_key(label)) for label in labels))


def _index(named: list[tuple[str, tuple[str, ...]]]) -> dict[str, str]:
    """Compared label → name; what one field is called by its own label is no synonym of another."""
    found: dict[str, str] = {}
    for own in (True, False):
        for name, labels in named:
            for label in labels[:1] if own else labels[1:]:
                found.setdefault(label_key(label), name)
    return found
