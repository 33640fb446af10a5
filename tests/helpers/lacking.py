"""Forms that lack what others have: no scores, no project of their own, nothing but a heading.

The form without scores still has the columns: a room that shows what stands there has looked by name, not by role.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from project import templates

from xltool.form.loading import load_form
from xltool.result.record import Record
from xltool.result.result import Result
from xltool.services.read_and_check import result_of_record
from xltool.support import json_codec

#: Of each form what its definition says. That of a unit as a whole has its unit for a subject, and says its money unit.
FORMS = {
    "unscored": "\n".join(
        ["[means]"]
        + [
            f"{role} = false"
            for role in (
                "weight",
                "score",
                "total_weight",
                "total_score",
                "grade",
                "fund_weight",
                "fund_score",
            )
        ]
    ),
    "of-unit": '[means]\nsubject = "heading.unit"\ncode = false\nmoney_unit = false',
    "listing": 'order = ["heading", "findings"]\n[block.findings]\nkind = "table"\nrows = 2\n'
    'columns.text = { label = "内容", columns = "A:E" }\n'
    'columns.amount = { label = "金额", kind = "money", columns = "F:I" }',
    "bare": 'order = ["heading"]\n[means]\ndepartment = false\ncode = false',
}


@contextmanager
def lacking_forms(folder: Path) -> Iterator[None]:
    """The definitions, for as long as the block lasts."""
    for name, contents in FORMS.items():
        place = folder / "forms" / name / "1"
        place.mkdir(parents=True)
        head = f'schema = "xltool.form/2"\nid = "{name}"\nversion = "1"\nextends = "mof-2020/1"\nname = "{name}"\n'
        (place / "form.toml").write_text(f"{head}{contents}\n", "utf-8")
    with templates(folder / "forms"):
        yield


def record_of(form: str, clean: dict[str, Any]) -> Record:
    """A record of one of these forms with the contents of another, as far as it has a place for them."""
    kept = {"form.id", "form.version", "explanations", *load_form(f"{form}/1").names_in_record}
    record = Record.from_json({**copy.deepcopy(clean), "form": {"id": form, "version": "1"}})
    return Record.of(
        {
            name: list(record.table(name)) if name in record.tables else record.values[name]
            for name in record.order
            if name in kept
        }
    )


def result_of(form: str, clean: dict[str, Any], file: str = "") -> Result:
    """The result of checking such a record."""
    record = record_of(form, clean)
    return result_of_record(record, json_codec.dumps(record.as_json()).encode(), file or f"{form}.json")
