"""Sums of sums are checked where a form has them, in records and in sheets."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from project import FAMILIES, templates

from xltool.form.answers import Answers, recompute
from xltool.form.places import FixedRowCell
from xltool.form.record import record_of_answers
from xltool.rules.check import check_answers
from xltool.rules.loading import load_catalogue


@pytest.fixture(autouse=True, scope="module")
def _families() -> Iterator[None]:
    with templates(FAMILIES):
        yield


def _found(changes: dict[tuple[str, str], int], reference: str = "dept-overall/1") -> list[tuple[str, str]]:
    """The findings of F02 on a form whose sums are right but for these cells."""
    catalogue = load_catalogue(reference)
    layout = catalogue.layout()
    sources = ("basic_fiscal", "basic_other", "project_fiscal", "project_other")
    values: dict[Any, Any] = {
        FixedRowCell("funds", row, column): Decimal(number)
        for number, row in enumerate(sources, 1)
        for column in ("initial_budget", "adjusted_budget", "executed")
    }
    answers = recompute(Answers(layout, values))
    for (row, column), value in changes.items():
        answers.put(FixedRowCell("funds", row, column), Decimal(value))
    _, paths = record_of_answers(answers, {})
    found = check_answers(catalogue, answers, paths, {}, None)
    return [(one.path, one.message) for one in found if one.rule == "F02"]


def test_right_sums_of_sums_are_right() -> None:
    assert _found({}) == []


def test_a_wrong_subtotal_is_found_at_its_row() -> None:
    found = _found({("project", "executed"): 8, ("total", "executed"): 11})
    assert found == [("/funds/4/executed", "项目支出 全年执行数 8 不等于其中各项之和")]


def test_a_wrong_total_of_right_subtotals_is_found_at_the_total() -> None:
    [(path, message)] = _found({("total", "initial_budget"): 11})
    assert path == "/funds/0/initial_budget" and "不等于各项资金来源之和 10" in message


def test_two_wrong_subtotals_of_one_cause_are_one_finding() -> None:
    [(path, message)] = _found({("basic", "executed"): 4, ("basic", "adjusted_budget"): 4, ("total", "executed"): 11,
                                ("total", "adjusted_budget"): 11})  # fmt: skip
    assert path == "/funds/1/adjusted_budget" and message.startswith("有 2 处小计不等于其中各项之和")


def test_a_form_without_subtotals_says_that_it_is_not_asked() -> None:
    not_asked = load_catalogue("indicators-first/1").not_asked["F02"]
    assert {(one.case, one.missing) for one in not_asked} == {(3, ("funds.subtotals",))}
