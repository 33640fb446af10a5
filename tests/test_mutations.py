"""The catalogue of mutations over seeds and real forms, singly and in pairs: nothing wrong is accepted in silence."""

from __future__ import annotations

import io
import itertools
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import mutations
import openpyxl
import pytest
import returned
from mutations import MUTATIONS, Mutation

from xltool.pipeline import results_of_workbook

#: Both seeds, the clean example, and five published forms of as many families.
FORMS = ["form1", "form2", "clean", "006", "009", "012", "019", "048"]


def mutated(name: str, *done: Mutation) -> list[dict[str, Any]]:
    """The results of a form after these mutations."""
    book = openpyxl.load_workbook(io.BytesIO(returned.filled(name)))
    for mutation in done:
        mutation.apply(mutations.case_of(book, returned.record(name)))
    for cell in (cell for sheet in book for cell in vars(sheet)["_cells"].values()):  # iter_rows() makes every cell
        if str(cell.value).endswith("UNIT"):
            cell.value = cell.value.replace("UNIT", returned.record(name)["money_unit"])
    target = io.BytesIO()
    book.save(target)
    return results_of_workbook(target.getvalue(), f"{name}.xlsx")


def codes(result: dict[str, Any]) -> Counter[tuple[str, str]]:
    return Counter((finding["rule"], finding["level"]) for finding in result["findings"])


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
    [result] = mutated(name, mutation)
    if result["status"] != (mutation.status or before["status"]):
        yield f"status {result['status']}"
    new = codes(result) - codes(before)
    missing = {code: number for code, number in mutation.codes.items() if number is not None and new[code] < number}
    if missing:
        yield f"missing {missing}: {dict(new)}"
    expected = Counter({code: new[code] if number is None else number for code, number in mutation.codes.items()})
    if not mutation.loose and (more := new - expected):
        said = [finding["message"] for finding in result["findings"] if (finding["rule"], finding["level"]) in more]
        yield f"besides {dict(more)}: {said}"
    if result["record"] is not None:
        allowed_to_differ = (*mutation.record, *(("grade",) if "total" in mutation.record else ()))
        other = [path for path in differences(before["record"], result["record"])
                 if not any(path.startswith(allowed) for allowed in allowed_to_differ)]  # fmt: skip
        if other:
            yield f"record {other}"
        if mutation.unplaced is not None and len(result["reading"]["unplaced"]) != mutation.unplaced:
            yield f"unplaced {result['reading']['unplaced']}"
        if len(result["reading"]["normalised"]) - len(before["reading"]["normalised"]) != mutation.normalised:
            yield f"normalised {result['reading']['normalised']}"


@pytest.mark.parametrize("number", range(len(MUTATIONS)), ids=lambda number: MUTATIONS[number].id)
def test_what_people_do_to_a_form_has_the_outcome_that_the_catalogue_says(number: int) -> None:
    """On two forms in turn; XLTOOL_ALL tries every form."""
    chosen = FORMS if os.environ.get("XLTOOL_ALL") else [FORMS[number % 2], FORMS[2 + number % (len(FORMS) - 2)]]
    found = {name: list(misses(name, MUTATIONS[number])) for name in chosen if name not in MUTATIONS[number].skip}
    assert not {name: one for name, one in found.items() if one}


#: Rows move last, the lowest first: what is done before finds its cells where they were issued.
_ORDER = ("F01", "F02", "S07", "S13", "S12", "S11")
STARRED = sorted((one for one in MUTATIONS if one.starred), key=lambda one: _ORDER.index(one.id))
PAIRS = [pair for pair in itertools.combinations(STARRED, 2) if {one.id for one in pair} != {"F01", "F02"}]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: "+".join(one.id for one in pair))
def test_two_at_once_are_both_said(pair: tuple[Mutation, Mutation]) -> None:
    for name in FORMS if os.environ.get("XLTOOL_ALL") else FORMS[:1]:
        if any(name in mutation.skip for mutation in pair):
            continue
        before = unmutated(name)
        [result] = mutated(name, *pair)
        new = codes(result) - codes(before)
        for mutation in pair:
            for code, number in mutation.codes.items():
                assert new[code] >= (number or 0), (name, code, dict(new))
        assert result["status"] == ("returned" if any(one.status for one in pair) else before["status"])


def test_the_clean_form_saved_by_a_library_says_only_that_nothing_was_calculated() -> None:
    assert codes(unmutated("clean")) == {("P05", "info"): 1}


@pytest.mark.parametrize("name", FORMS[::3])
def test_every_mutation_is_told_with_its_sheet_or_cell(name: str) -> None:
    for mutation in MUTATIONS[::7]:
        for finding in mutated(name, mutation)[0]["findings"]:
            assert finding["message"] and finding["fix"] and finding["label"]
            assert "{" not in finding["message"]
