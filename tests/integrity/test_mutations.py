"""The catalogue of mutations over seeds and real forms, singly and in pairs: nothing wrong is accepted in silence."""

from __future__ import annotations

import io
import itertools
import os
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import breaking
import openpyxl
import pytest
import returned
from breaking import Mutation
from breaking_files import ELSEWHERE
from contract import results_of_workbook
from mutations import MUTATIONS, OUTCOMES
from project import ROOT

from xltool.form.answers import Answers
from xltool.rules.loading import load_catalogue
from xltool.support import json_codec
from xltool.write.workbook import build

#: Both seeds, the clean example, and five published forms of as many families.
FORMS = ["form1", "form2", "clean", "006", "009", "012", "019", "048"]

#: The clean example as it was issued to its unit, for what needs a seal.
ISSUED = "issued"


def broken(name: str, *done: Mutation) -> tuple[Any, bytes]:
    """A form after these mutations: its book, and its bytes."""
    book = openpyxl.load_workbook(io.BytesIO(returned.filled(name)), rich_text=True)
    case = breaking.case_of(book, returned.record(name))
    for mutation in done:
        if mutation.apply is not None:
            mutation.apply(case)
    for cell in (cell for sheet in book for cell in breaking.cells(sheet)):
        if str(cell.value).endswith("UNIT"):
            cell.value = cell.value.replace("UNIT", returned.record(name)["money_unit"])
    target = io.BytesIO()
    book.save(target)
    content = target.getvalue()
    for mutation in done:
        if mutation.packed is not None:
            content = mutation.packed(content, case)
    return book, content


def mutated(name: str, *done: Mutation) -> list[dict[str, Any]]:
    """The results of a form after these mutations."""
    return results_of_workbook(broken(name, *done)[1], f"{name}.xlsx")


def codes(result: dict[str, Any]) -> Counter[tuple[str, str]]:
    return Counter((finding["rule"], finding["level"]) for finding in result["findings"])


@cache
def _blank(form: str, capacities: tuple[tuple[str, int], ...]) -> bytes:
    catalogue = load_catalogue(form)
    return build(catalogue, Answers(catalogue.layout(dict(capacities)), {}))


_CLEAN: dict[str, dict[str, Any]] = {}


def unmutated(name: str) -> dict[str, Any]:
    """The result of the form as openpyxl saves it, which is what each mutation is compared with."""
    if name not in _CLEAN:
        [_CLEAN[name]] = mutated(name)
    return _CLEAN[name]


def differences(before: Any, after: Any, path: str = "") -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before | after:
            yield from differences(before.get(key), after.get(key), f"{path}.{key}".lstrip("."))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, pair in enumerate(zip(before, after, strict=True)):
            yield from differences(*pair, f"{path}.{number}")
    elif before != after:
        yield path


def misses(name: str, mutation: Mutation) -> Iterator[str]:
    """What is otherwise than the mutation says."""
    before = unmutated(name)
    book, content = broken(name, mutation)
    results = results_of_workbook(content, f"{name}.xlsx")
    if len(results) != mutation.results:
        yield f"{len(results)} results"
    result = results[0]
    if result["status"] != (mutation.status or before["status"]):
        yield f"status {result['status']}"
    new = codes(result) - (codes(before) if result["record"] is not None else Counter())
    missing = {code: number for code, number in mutation.codes.items() if new[code] < (1 if number is None else number)}
    if missing:
        yield f"missing {missing}: {dict(new)}"
    expected = Counter({code: new[code] if number is None else number for code, number in mutation.codes.items()})
    if not mutation.loose and (more := new - expected):
        said = [finding["message"] for finding in result["findings"] if (finding["rule"], finding["level"]) in more]
        yield f"besides {dict(more)}: {said}"
    if result["record"] is not None:
        yield from _changes(before, result, mutation)
        yield from (f"lost {where}: {text}" for where, text in lost(book, name, results))
    elif len(result["findings"]) != 1:
        yield f"refused for {len(result['findings'])} reasons"


def _changes(before: dict[str, Any], result: dict[str, Any], mutation: Mutation) -> Iterator[str]:
    """What the record, and the lists beside it, have otherwise than the mutation says."""
    allowed_to_differ = (*mutation.record, *(("grade",) if "total" in mutation.record else ()))
    other = [path for path in differences(before["record"], result["record"])
             if not any(path.startswith(allowed) for allowed in allowed_to_differ)]  # fmt: skip
    if other:
        yield f"record {other}"
    if mutation.unplaced is not None and len(result["reading"]["unplaced"]) != mutation.unplaced:
        yield f"unplaced {result['reading']['unplaced'][:9]}"
    if len(result["reading"]["normalised"]) - len(before["reading"]["normalised"]) != mutation.normalised:
        yield f"normalised {result['reading']['normalised']}"


# ── nothing is lost ─────────────────────────────────────────────


def squeezed(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable() and not letter.isspace())


def _bare(text: str) -> str:
    """A printed text without its money unit, which is a value."""
    return re.sub("[万亿]元", "元", text)


@cache
def printed(name: str) -> frozenset[str]:
    """Every text of the form as it was issued."""
    case = breaking.case_of(None, returned.record(name))
    form = case.layout.form.reference
    book = openpyxl.load_workbook(io.BytesIO(_blank(form, tuple(case.layout.capacities.items()))))
    return frozenset(
        _bare(squeezed(str(cell.value)))
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    )


def lost(book: Any, name: str, results: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """The cells whose contents are nowhere in the results: neither in the record nor in any list beside it."""
    told = json_codec.dumps(results)
    everything = squeezed(told.replace("\\n", "").replace('\\"', '"').replace("\\\\", "\\"))
    numbers = {float(number) for number in re.findall(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", told)}
    for sheet in book:
        for cell in breaking.cells(sheet):
            text = squeezed(str(cell.value)) if cell.value is not None and cell.data_type != "f" else ""
            if (sheet.title in ("_xltool", "填报说明") and "7f3a9c" in text.lower()) or text.startswith('{"year"'):
                continue  # the seal, what it was made of, and what is said of it
            if not text or text in ("占位文字", "#N/A") or _bare(text) in printed(name) or text in everything:
                continue
            if isinstance(cell.value, int | float | Decimal) and any(
                abs(float(cell.value) - one) <= 1e-9 * abs(one) for one in numbers
            ):
                continue
            if cell.is_date and str(cell.value.year) in everything:
                continue
            yield f"{sheet.title}!{cell.coordinate}", text[:60]


@pytest.mark.parametrize("number", range(0, len(MUTATIONS), 3), ids=lambda number: MUTATIONS[number].id)
def test_what_people_do_to_a_form_has_the_outcome_that_the_catalogue_says(number: int) -> None:
    """On one form in turn; XLTOOL_ALL tries every form."""
    _try(number)


@pytest.mark.parametrize(
    "number", [one for one in range(len(MUTATIONS)) if one % 3], ids=lambda number: MUTATIONS[number].id
)
def test_what_else_people_do_has_the_outcome_that_the_catalogue_says(number: int) -> None:
    _try(number)


def _try(number: int) -> None:
    fit = [name for name in FORMS if MUTATIONS[number].is_for(name)] or [ISSUED]
    chosen = fit if os.environ.get("XLTOOL_ALL") else [fit[number % len(fit)]]
    found = {name: list(misses(name, MUTATIONS[number])) for name in chosen}
    assert not {name: one for name, one in found.items() if one}


STARRED = [one for one in MUTATIONS if one.starred]


def pairs() -> Iterator[tuple[Mutation, Mutation]]:
    """Each starred mutation with each other one, those that move cells last: what is done before finds its cells."""
    for one, other in itertools.product(STARRED, MUTATIONS):
        twice = other.starred and STARRED.index(other) <= STARRED.index(one)
        apart = {one.id, other.id} & {*one.alone, *other.alone} or (one.after and other.bound)
        apart = apart or (max(one.after, other.after) == 8 and min(one.after, other.after) >= 3)
        if not twice and not apart:
            yield (one, other) if one.after < other.after else (other, one)


#: Every pair takes minutes; some of them in turn will do from day to day.
PAIRS = list(pairs())[:: 1 if os.environ.get("XLTOOL_ALL") else 41]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: "+".join(one.id for one in pair))
def test_two_at_once_are_both_said(pair: tuple[Mutation, Mutation]) -> None:
    fit = [name for name in (*FORMS, ISSUED) if all(one.is_for(name) for one in pair)]
    found = {name: list(misses_of_two(name, *pair)) for name in (fit if os.environ.get("XLTOOL_ALL") else fit[:1])}
    assert not {name: one for name, one in found.items() if one}


def test_a_formula_that_was_typed_over_is_said_even_where_a_row_was_not_read() -> None:
    """A row between two groups puts the sum of the scores in doubt, and none of the sums of money."""
    between = next(one for one in MUTATIONS if one.id == "S13")

    def typed_over(case: breaking.Case) -> None:
        case.at("funds", "total", "executed").value = "十万"
        case.at("total", "score").value = 88

    [result] = mutated("clean", Mutation("typed", typed_over), between)
    said = [
        (one["rule"], one["level"], one["label"]) for one in result["findings"] if one["rule"] in ("P03", "F01", "S03")
    ]
    assert said == [("P03", "error", "年度资金总额 全年执行数"), ("P03", "error", "总分 得分")]


def misses_of_two(name: str, one: Mutation, other: Mutation) -> Iterator[str]:
    """What two at once do not lead to: the worse status, what each says, and nothing lost."""
    before = unmutated(name)
    book, content = broken(name, one, other)
    results = results_of_workbook(content, f"{name}.xlsx")
    order = ["", "accepted", "returned", "unreadable"]
    wanted = max((one.status, other.status, before["status"]), key=order.index)
    if results[0]["status"] != wanted:
        yield f"status {results[0]['status']}, not {wanted}"
    if results[0]["record"] is None:
        return
    new = codes(results[0])
    for mutation in (one, other):
        for code, number in mutation.codes.items():
            if code[1] == "info" and (one.loose or other.loose):
                continue  # one cause, one finding: what is wrong by now is said instead
            if new[code] < (1 if number is None else number):
                yield f"{mutation.id} is not told: {dict(new)}"
    yield from (f"lost {where}: {text}" for where, text in lost(book, name, results))


def test_every_line_of_the_catalogue_is_tried_and_has_its_outcome_or_says_why_not() -> None:
    tried = {mutation.line for mutation in MUTATIONS}
    assert len(OUTCOMES) == 123
    assert tried | set(ELSEWHERE) == set(OUTCOMES) and not tried & set(ELSEWHERE)
    assert len({mutation.id for mutation in MUTATIONS}) == len(MUTATIONS)
    for mutation in MUTATIONS:
        as_listed = mutation.outcome in OUTCOMES[mutation.line]
        assert as_listed != bool(mutation.otherwise), (mutation.id, mutation.outcome, OUTCOMES[mutation.line])


@pytest.mark.parametrize("line", ELSEWHERE)
def test_what_is_tried_elsewhere_is_tried_there(line: str) -> None:
    reason, where = ELSEWHERE[line]
    file, _, name = where.partition("::")
    assert reason and f"\ndef {name}(" in next((ROOT / "tests").rglob(f"*/{file}")).read_text("utf-8")


def test_the_clean_form_saved_by_a_library_says_only_that_nothing_was_calculated() -> None:
    assert codes(unmutated("clean")) == {("P05", "info"): 1}


@pytest.mark.parametrize(("name", "every"), [("form1", 27), *((name, 9) for name in FORMS[::3])])
def test_every_mutation_is_told_with_its_sheet_or_cell(name: str, every: int) -> None:
    for mutation in (one for one in MUTATIONS[::every] if one.is_for(name)):
        for finding in mutated(name, mutation)[0]["findings"]:
            assert finding["message"] and finding["fix"] and finding["label"]
            assert "{" not in finding["message"].replace("{{x}}", "")  # but for what was typed as a row's name
