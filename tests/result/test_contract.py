"""What a result says of itself: who can mend each finding, whether somebody has to decide, and what judged it."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from contract import fill, result_of_record, result_of_workbook, typed
from project import ROOT

from xltool import __version__
from xltool.form.references import all_references
from xltool.intake import records
from xltool.ledger.project_status import project_statuses
from xltool.ledger.store import Ledger
from xltool.result.findings import ACTORS, REVIEW
from xltool.result.overview import Overview, OverviewEntry
from xltool.rules.loading import load_catalogue
from xltool.rules.validation import schema_fault
from xltool.rules.waivers import Waiver, apply_waivers
from xltool.services.return_form import is_returned
from xltool.support import json_codec
from xltool.tables import summary, summary_lines


def _example(**changes: Any) -> dict[str, Any]:
    record = json.loads((ROOT / "templates/mof-2020/1/example.json").read_text("utf-8"))
    for row in record["funds"][:2]:
        row.update(changes)
    return record


def _result(**changes: Any) -> dict[str, Any]:
    record = json_codec.loads(json.dumps(_example(**changes)))
    return result_of_record(record, b"{}", "a.json")


#: A budget so large that its unit is in doubt; everything else fits it.
_DOUBTED = {"initial_budget": 97500000, "adjusted_budget": 97500000, "executed": 97500000, "execution_rate": 1}


def _doubted() -> dict[str, Any]:
    record = _example(**_DOUBTED)
    record["funds"][1]["execution_rate"] = None
    record["funds"][0]["score"] = 10
    record["total"]["score"] = 99.58
    return result_of_record(json_codec.loads(json.dumps(record)), b"{}", "a.json")


def test_every_finding_says_who_can_mend_it() -> None:
    result = _result(executed=30)
    assert result["findings"]
    assert {one["actor"] for one in result["findings"]} <= set(ACTORS)
    assert all((one["actor"] == "nobody") == (one["level"] == "info") for one in result["findings"])


@pytest.mark.parametrize("reference", all_references())
def test_every_case_names_an_actor_and_only_what_is_serious_is_in_doubt(reference: str) -> None:
    for rule in load_catalogue(reference).rules.values():
        for case in rule.cases:
            assert case.actor in ACTORS, (rule.id, case.key)
            assert not (case.review and case.level == "info"), (rule.id, case.key)


def test_an_unknown_file_is_for_the_bureau() -> None:
    result = result_of_workbook((ROOT / "examples/form1.xlsx").read_bytes()[:200], "a.xlsx")
    assert result["status"] == "unreadable" and result["review"] is False
    assert result["checked"] == {"version": __version__, "digest": None}
    assert load_catalogue("mof-2020/1").rules["P01"].case("newer").actor == "bureau"


def test_what_judged_a_result_is_named_by_version_and_digest_of_form_and_rules() -> None:
    checked = _result()["checked"]
    assert checked["version"] == __version__ and re.fullmatch("[0-9a-f]{64}", checked["digest"])
    digests = {load_catalogue(one).digest for one in all_references()}
    assert len(digests) == len(all_references())


def test_an_amount_in_doubt_is_to_be_reviewed_and_not_accepted() -> None:
    result = _doubted()
    assert {one["rule"] for one in result["findings"] if one.get("review")} == {"F10"}
    assert (result["status"], result["review"], typed(result).state) == ("accepted", True, REVIEW)
    assert (_result()["review"], typed(_result()).state) == (False, "accepted")


def test_a_waived_doubt_is_no_doubt() -> None:
    result, day = _doubted(), date(2025, 3, 1)
    own = result["record"]["project"]
    waiver = Waiver("F10", "", own["name"], "", result["record"]["year"], "属实", "王", day, 2)
    settled = apply_waivers(typed(result), [waiver], day)
    assert (settled.review, settled.state) == (False, "accepted")


def test_summary_and_ledger_do_not_call_what_is_in_doubt_accepted() -> None:
    result = _doubted()
    overview = Overview([OverviewEntry(typed(result))], date(2025, 3, 1))
    assert overview.count("accepted") == 0 and overview.count(REVIEW) == 1
    assert summary_lines.summary_table(overview).decode().splitlines()[1].endswith("待核对")
    with Ledger(None) as ledger:
        ledger.record(typed(result), ledger.begin(date(2025, 3, 1)), date(2025, 3, 1))
        [standing] = project_statuses(ledger, date(2025, 3, 2))
    assert standing.status == REVIEW and standing.opened is None


def test_results_of_0_3_can_still_be_read(tmp_path: Path) -> None:
    old = [_result(executed=30), _doubted()]
    for result in old:
        del result["review"], result["checked"]
        for finding in result["findings"]:
            del finding["actor"]
            finding.pop("review", None)
        assert schema_fault(result, "result") is None
    (tmp_path / "old.jsonl").write_text(json_codec.dump_lines(old), "utf-8")
    again = list(records.read_results(str(tmp_path / "old.jsonl")))
    assert [one.state for one in again] == [one["status"] for one in old]
    assert again[0].judged_by(again[0].findings) == again[0] and not again[0].review
    told = {"unit": ("error", "warning"), "nobody": ("info",)}
    assert all(finding.level in told[finding.actor] for one in again for finding in one.findings)
    assert summary.summary_workbook(Overview(list(map(OverviewEntry, again)), date(2025, 3, 1)))
    with Ledger(None) as ledger:
        ledger.record(again[0], ledger.begin(date(2025, 3, 1)), date(2025, 3, 1))
        assert len(project_statuses(ledger, date(2025, 3, 2))) == 1


def test_nothing_goes_back_to_a_unit_whose_errors_only_the_bureau_can_mend() -> None:
    result = _result(executed=30)
    assert is_returned(typed(result))
    for finding in result["findings"]:
        finding["actor"] = "bureau" if finding["level"] == "error" else finding["actor"]
    assert any(one["level"] == "error" for one in result["findings"]) and not is_returned(typed(result))


def test_a_record_without_a_grade_keeps_the_formula_of_the_grade() -> None:
    record = json_codec.loads(json.dumps(_example()))
    record["grade"] = None
    made = fill(record, as_printed=True)
    result = result_of_workbook(made.content, "a.xlsx")
    assert (result["record"]["grade"], result["status"]) == ("优", "accepted")
    assert not [one for one in result["findings"] if one["rule"] in ("P03", "S13")]
    assert any("等级" in remark for remark in made.remarks)
