"""The texts and examples of a rule are true of the form that they are shown for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from commands import run
from project import ROOT, catalogue_with_rules, with_changes

from xltool.form.convert import convert
from xltool.form.kinds import percent_text
from xltool.form.record import answers_of_record, needed_capacities, record_of_answers
from xltool.form.versions import Crossing
from xltool.language.numbers import decimal_text
from xltool.result.record import Record
from xltool.rules.catalogue import Catalogue
from xltool.rules.check import check_answers
from xltool.rules.examples import examples_of
from xltool.rules.loading import load_catalogue
from xltool.rules.rule import Rule
from xltool.support import json_codec
from xltool.support.errors import WrongDefinition

FORMS = [
    "mof-2020/1",
    "shanghai-2020/1",
    "ab-2020/1",
    "beijing-2016/1",
    "hubei-2020/1",
    "sichuan-2022/1",
    "std-op-2020/1",
]


def _texts(rule: Rule) -> list[str]:
    """The texts of a rule that are the same for every finding."""
    remedies = [text for case in rule.cases if not case.key for text in (case.fix, case.fix_en)]
    return [rule.name, rule.name_en, rule.why, rule.why_en, rule.basis, *remedies]


@pytest.mark.parametrize("name", FORMS)
def test_no_text_shows_a_placeholder(name: str) -> None:
    for rule in load_catalogue(name).rules.values():
        assert not [text for text in _texts(rule) if "{" in text or "}" in text], rule.id


@pytest.mark.parametrize(
    ("name", "rule", "text", "said"),
    [
        ("mof-2020/1", "F05", "why", "执行率决定 10 分"),
        ("hubei-2020/1", "F05", "why", "执行率决定 20 分"),
        ("hubei-2020/1", "T08", "why", "已经有 20 分"),
        ("beijing-2016/1", "F05", "basis", "执行率＝全年执行数(B)÷年初预算数(A)"),
        ("shanghai-2020/1", "F09", "basis", "超过 20%"),
        ("shanghai-2020/1", "F01", "basis", "元最多 2 位小数"),
        ("mof-2020/1", "F01", "basis", "万元最多 6 位小数"),
        ("mof-2020/1", "W02", "basis", "默认权重：产出 50、效益 30、满意度 10；没有满意度指标的，效益可为 40"),
        ("mof-2020/1", "S13", "basis", "90–100 优，80–90 良，60–80 中，60 以下差"),
        ("sichuan-2022/1", "F08", "basis", "四川表注：执行率低于 90% 的必须说明原因"),
    ],
)
def test_a_text_is_true_of_the_form(name: str, rule: str, text: str, said: str) -> None:
    assert said in getattr(load_catalogue(name).rules[rule], text)


def test_a_text_follows_the_parameters_of_an_overlay(tmp_path: Path) -> None:
    """Whatever number of a rule a form changes, its texts say the form's own."""
    changes = {
        "F08": ("threshold", "0.77", "77%"), "F09": ("threshold", "0.77", "77%"), "F11": ("threshold", "0.77", "77%"),
        "W05": ("most", "77", "77"), "S14": ("threshold", "0.77", "77%"), "S15": ("places", "7", "七"),
        "D04": ("over_limit", "7.7", "7.7"), "D07": ("longest", "777", "777"), "D08": ("longest", "777", "777"),
    }  # fmt: skip
    rules = "".join(f"[{rule}.params]\n{name} = {value}\n" for rule, (name, value, _) in changes.items())
    catalogue, national = catalogue_with_rules(tmp_path, rules), load_catalogue("mof-2020/1")
    for rule, (_, _, shown) in changes.items():
        assert any(shown in text for text in _texts(catalogue.rules[rule])), rule
        assert _texts(catalogue.rules[rule]) != _texts(national.rules[rule])
    assert catalogue.rules["F11"].name == "未支出超过77%"


def test_no_text_repeats_a_number_that_is_a_parameter(tmp_path: Path) -> None:
    """A number in a text that is the value of a parameter changes with it, or the form that changes it is told the old one."""
    national = load_catalogue("mof-2020/1")
    numbers = [
        (rule, name, value)
        for rule in national.rules.values()
        for name, value in rule.params.items()
        if isinstance(value, Decimal) and value not in range(10)
    ]
    changed = catalogue_with_rules(
        tmp_path, "".join(f"{rule.id}.params.{name} = {value * 3 + 1}\n" for rule, name, value in numbers)
    )
    said = 0
    for rule, name, value in numbers:
        for before, after in zip(_texts(rule), _texts(changed.rules[rule.id]), strict=True):
            tokens = {decimal_text(value), percent_text(value)}
            if any(_has_number(before, token) for token in tokens):
                assert not any(_has_number(after, token) for token in tokens), (rule.id, name, after)
                said += 1
    assert said >= 8


def _has_number(text: str, number: str) -> bool:
    return re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.%])", text) is not None


@pytest.mark.parametrize("name", FORMS)
def test_an_example_does_what_it_says_on_the_form_it_is_shown_for(name: str) -> None:
    catalogue = load_catalogue(name)
    with_examples = {True: 0, False: 0}
    for rule in catalogue.rules.values():
        for example in examples_of(catalogue, rule) if catalogue.applies(rule) else ():
            found = _findings(catalogue, example.changes)
            assert (rule.id in found) is example.finds, (rule.id, example)
            with_examples[example.finds] += 1
    assert min(with_examples.values()) > 30


def _findings(catalogue: Catalogue, changes: Mapping[str, Any]) -> set[str]:
    """The rules that find something in the clean record of a form after changes."""
    record = Record.from_json(with_changes(_clean_record(catalogue.form.reference), dict(changes)))
    answers, paths = answers_of_record(record, catalogue.layout(needed_capacities(record, catalogue.form)))
    return {finding.rule for finding in check_answers(catalogue, answers, paths, {}, None)}


@cache
def _clean_record(name: str) -> dict[str, Any]:
    """The clean record of a form: its own, or the national one carried over."""
    own = ROOT / "templates" / name / "example.json"
    file = own if own.exists() else ROOT / "templates/mof-2020/1/example.json"
    record = Record.from_json(json_codec.loads(file.read_bytes()))
    if own.exists():
        return record.as_json()
    old, new = load_catalogue("mof-2020/1"), load_catalogue(name)
    answers, _ = answers_of_record(record, old.layout(needed_capacities(record, old.form)))
    carried = convert(answers, {}, new.form, new.layout, Crossing()).answers
    return json_codec.loads(json_codec.dumps(record_of_answers(carried, {})[0].as_json()))


def test_an_example_is_shown_with_the_amounts_and_fields_of_the_form() -> None:
    def shown(name: str, rule: str) -> list[Mapping[str, Any]]:
        catalogue = load_catalogue(name)
        return [example.changes for example in examples_of(catalogue, catalogue.rules[rule])]

    assert {"funds.total.executed": 101, "funds.fiscal.executed": 101} in shown("mof-2020/1", "F04")
    assert {"funds.total.executed": 1_010_000, "funds.fiscal.executed": 1_010_000} in shown("shanghai-2020/1", "F04")
    assert {"funds.total.executed": 101} in shown("hubei-2020/1", "F04")
    assert shown("hubei-2020/1", "D07") == []  # the text is too long in a column that the form does not have
    assert "funds.fiscal" not in run("rules", "F04", "--form", "hubei-2020").stdout.decode("utf-8")


@pytest.mark.parametrize("name", ["means.budget", "means.budget.lable", "thresold"])
def test_a_text_may_only_name_what_is_the_same_on_every_copy(tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongDefinition, match=r"F08\.basis.*means\.用途\.label"):
        catalogue_with_rules(tmp_path, f'[F08]\nbasis = "{{{name}}}"')
