"""What an issue costs beside writing each of its forms with XlsxWriter, in processor time of the same run.

``python benchmarks/issuing.py 2000``
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "tests/helpers"))

import rosters

from xltool.form.answers import Answers
from xltool.intake.records import parse_roster
from xltool.issuing.plan import IssuePlan, plan_issue
from xltool.services.issue import issue_forms
from xltool.support import json_codec
from xltool.write.workbook import build

FORM = "mof-2020/1"

#: So many forms are written with XlsxWriter, and the mean is taken for all.
WRITTEN = 25


def main(number: int) -> None:
    """Measure and print."""
    content = json_codec.dump_lines(rosters.lines(number)).encode()
    start = time.process_time()
    roster = parse_roster(content, "roster.jsonl")
    read = time.process_time()
    plan = plan_issue(roster, FORM)
    checked = time.process_time()
    seals = {one.planned.number: one.seal for one in issue_forms(plan, b"0123456789abcdef")}
    done = time.process_time()
    sizes = len({tuple(one.capacities.items()) for one in plan.forms})
    each = writing(plan)
    print(f"{number} projects, forms of {sizes} sizes, all {len(seals)} issued")
    print(f"baseline: XlsxWriter {each * 1000:8.2f} ms a form")
    for name, took in {
        "roster": read - start, "plan": checked - read, "stamping": done - checked, "issue": done - read,
        "command": _command(content),
    }.items():  # fmt: skip
        print(f"  {name:10} {took / number * 1000:8.2f} ms a form  1/{each / (took / number):.1f}")


def writing(plan: IssuePlan) -> float:
    """The seconds that one of the forms takes when the writer writes it."""
    chosen = plan.forms[:: max(1, len(plan.forms) // WRITTEN)]
    build(plan.catalogue, Answers(plan.catalogue.layout(), {}))  # what is loaded once
    start = time.process_time()
    for one in chosen:
        layout = plan.catalogue.layout(one.capacities).with_issued(one.values)
        build(plan.catalogue, Answers(layout, one.values))
    return (time.process_time() - start) / len(chosen)


def _command(content: bytes) -> float:
    """The seconds of the whole command, with starting Python, reading the roster, and writing files and lists."""
    with tempfile.TemporaryDirectory() as folder:
        roster = Path(folder) / "roster.jsonl"
        roster.write_bytes(content)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "xltool", "issue", str(roster), "-o", f"{folder}/issued", "--form", FORM]
        subprocess.run(command, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
