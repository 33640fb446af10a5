"""On real published forms the rules are right, and find what the people who transcribed them saw."""

from __future__ import annotations

import copy
from typing import Any

import foreign
import pytest
import realforms
import realforms_page


def _keys() -> list[tuple[str, ...]]:
    return [realforms.key(form, one) for form, one in realforms.judged_places()]


def test_every_error_and_warning_on_a_real_form_was_judged_by_a_person() -> None:
    known = realforms.judgements()
    assert set(_keys()) == set(known), "run tests/helpers/realforms.py and judge what it prints"
    assert {one["verdict"] for one in known.values()} <= {"right", "wrong", "unseen"}
    assert all(one.get("why") for one in known.values() if one["verdict"] == "wrong")


def test_of_every_right_warning_it_is_judged_whether_a_reviewer_would_act_on_it() -> None:
    asked = [one for one in realforms.judgements().values() if (one["level"], one["verdict"]) == ("warning", "right")]
    assert [one for one in asked if not isinstance(one.get("acts"), bool)] == []


def test_errors_are_right_in_98_and_warnings_in_90_of_100_cases() -> None:
    counts = realforms.counts()
    assert all(counts[level]["right"] > 20 for level in realforms.LEVELS)
    assert realforms.precision(counts["error"]) >= 0.98
    assert realforms.precision(counts["warning"]) >= 0.9


def test_reviewers_act_on_80_of_100_warnings() -> None:
    assert realforms.share_acted_upon(realforms.acted_upon()) >= 0.8


def test_a_unit_has_less_than_five_things_to_look_at_on_a_complete_form() -> None:
    found = [realforms.to_look_at(form).total() for form in realforms.complete()]
    # wanted are 4: what is left was judged right, nearly all of it such that a reviewer acts on it
    assert len(found) >= 8 and sum(found) <= 4.9 * len(found), found


def test_nine_of_ten_mistakes_that_transcribers_noted_are_found_and_every_miss_has_its_reason() -> None:
    notes = realforms.observed()
    assert {one["form"] for one in notes} == {name for name, form in foreign.SUPPORTED.items() if _noted(form)}
    within = [one for one in notes if "beyond" not in one]
    missed = [one for one in within if not one["found"]]
    assert [one for one in missed if not one.get("missed")] == []
    assert len(within) >= 25 and len(missed) <= 0.1 * len(within), [(one["form"], one["note"]) for one in missed]


def test_where_two_reviewers_differed_is_settled_with_a_reason_and_kept_so() -> None:
    known = realforms.judgements()
    for one in realforms.second_judgements():
        assert one["why"] and one["first"] != one["second"]
        judged = known.get(realforms.key(one["form"], one))
        if judged is None:  # the rule was changed, or its words
            continue
        assert one["settled"] and {name: judged[name] for name in one["settled"] if name in judged} == {
            name: value for name, value in one["settled"].items() if name in judged
        }, one


def _noted(form: foreign.Form) -> bool:
    return bool(form["observed_mistakes"])


@pytest.mark.parametrize("form", foreign.OTHERS)
def test_a_form_of_a_layout_without_a_definition_is_named_and_not_judged(form: str) -> None:
    for _ in range(2):
        realforms.results.cache_clear()
        [result] = realforms.results(form)
        assert result["status"] == "unreadable" and result["form"] is None
        assert [(one["rule"], one["level"]) for one in result["findings"]] == [("P01", "error")]


# ── the list to be judged ───────────────────────────────────────


def test_what_nobody_judged_yet_is_printed_with_the_row_in_which_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(realforms, "judgements", dict)
    found = realforms.to_judge()
    assert [realforms.key(one["form"], one) for one in found] == _keys()
    assert all(one["verdict"] == "?" for one in found)
    row = next(one for one in found if one["form"] == "008" and one["rule"] == "S11")
    assert "4604人" in row["printed"]
    assert "未看" in realforms_page.page()


def test_verdicts_that_are_entered_are_kept_and_those_on_what_is_no_longer_found_go() -> None:
    judged = [{**one, "verdict": "right", "acts": False} for one in realforms.to_judge(again=True)]
    judged.append({**judged[0], "message": "no longer said"})
    kept = realforms.entered(judged)
    assert [realforms.key(one["form"], one) for one in kept] == list(dict.fromkeys(_keys()))
    assert not any("printed" in one for one in kept)


def test_a_second_judgement_that_differs_is_listed_with_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    again = realforms.to_judge(again=True)
    first: dict[tuple[str, ...], dict[str, Any]] = {}
    for one in again:
        first[realforms.key(one["form"], one)] = {**one, "verdict": "right", "acts": True}
    monkeypatch.setattr(realforms, "judgements", lambda: copy.deepcopy(first))
    second = [{**one, "verdict": "right", "acts": True} for one in again]
    assert realforms.compared(second) == []
    second[3] = {**second[3], "verdict": "wrong", "why": "不对"}
    assert [one["first"] for one in realforms.compared(second)] == [{"verdict": "right"}]
