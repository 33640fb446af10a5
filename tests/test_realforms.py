"""On real published forms the rules are right, and find what the people who transcribed them saw."""

from __future__ import annotations

import foreign
import pytest
import realforms


def test_every_error_and_warning_on_a_real_form_was_judged_by_a_person() -> None:
    known = realforms.judgements()
    keys = {realforms.key(form, one) for form, one in realforms.findings() if one["level"] in realforms.LEVELS}
    assert keys == set(known), "run tests/realforms.py and judge what it prints; remove what is no longer found"
    assert {one["verdict"] for one in known.values()} <= {"right", "wrong", "unseen"}
    assert all(one.get("why") for one in known.values() if one["verdict"] == "wrong")


def test_errors_are_right_in_98_and_warnings_in_90_of_100_cases() -> None:
    counts = realforms.counts()
    assert sum(counts["error"].values()) > 40 and sum(counts["warning"].values()) > 100
    assert realforms.precision(counts["error"]) >= 0.98
    assert realforms.precision(counts["warning"]) >= 0.9


#: What the transcribers noted as a mistake, by form, with the rules that say it. Notes that no form can show by itself
#: (amounts inside a narrative, the truth of a claim) are left out.
OBSERVED = {
    "002": {"F05", "T07"},
    "003": {"F02"},
    "005": {"F05", "F06", "Q02", "D02"},
    "006": {"W01", "V04"},
    "008": {"S11"},
    "009": {"D01", "S04"},
    "010": {"D01"},
    "015": {"V02", "S01", "Q02"},
    "019": {"F05", "T07"},
    "033": {"F04", "F06", "W02"},
    "034": {"S04", "S05"},
    "048": {"S03", "F05", "F06", "D01", "S04"},
}


@pytest.mark.parametrize("form", OBSERVED)
def test_what_a_transcriber_noted_is_found(form: str) -> None:
    assert foreign.RECORDS[form]["observed_mistakes"]
    found = {one["rule"] for name, one in realforms.findings() if name == form}
    assert found >= OBSERVED[form]
