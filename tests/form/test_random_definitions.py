"""Whatever stands in a definition, it is a form that can be written, or one clear refusal; never anything else."""

from __future__ import annotations

import copy
import os
import random
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from project import FAMILIES, ROOT

from xltool.form.answers import Answers
from xltool.rules.loading import load_catalogue
from xltool.support.errors import WrongDefinition
from xltool.support.templates import Templates, using
from xltool.support.toml_text import toml_value
from xltool.write.workbook import build

#: Varies from run to run; XLTOOL_SEED repeats one, XLTOOL_FORMS tries more definitions than a test has time for.
SEED = int(os.environ.get("XLTOOL_SEED") or random.SystemRandom().randrange(10**9))
FORMS = int(os.environ.get("XLTOOL_FORMS") or 40)

_SOUND = [
    *FAMILIES.glob("*/1/form.toml"),
    *(ROOT / f"templates/{form}/1/form.toml" for form in ("hubei-2020", "std-op-2020")),
]
_JUNK = [0, 1, -3, "", "x", "A", "A:Z", "B:A", "total", "funds", "round(1", "1/0 == 1", True, False, [], ["x"], {"a": 1}, {},
         "row.x", "means.budget", "中文", 10**9, 1.5]  # fmt: skip
_FIXED = ("schema", "id", "version", "extends")


def _paths(table: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in table.items():
        yield (*above, key)
        if isinstance(value, dict):
            yield from _paths(value, (*above, key))


def _changed(table: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """A definition with one to three keys removed, or replaced by junk or by something that stands elsewhere in it."""
    table = copy.deepcopy(table)
    for _ in range(dice.choice([1, 1, 2, 3])):
        paths = [path for path in _paths(table) if path[0] not in _FIXED]
        *above, last = dice.choice(paths)
        node: Any = table
        for key in above:
            node = node[key]
        other: Any = table
        for key in dice.choice(paths):
            other = other[key]
        if dice.random() < 0.3:
            del node[last]
        else:
            node[last] = dice.choice([*_JUNK, copy.deepcopy(other)]) if dice.random() < 0.8 else copy.deepcopy(other)
    return table


def test_a_changed_definition_is_a_form_or_a_refusal(tmp_path: Path) -> None:
    dice, seen = random.Random(SEED), Counter[str]()
    sound = [tomllib.loads(file.read_text("utf-8")) for file in sorted(_SOUND)]
    for number in range(FORMS):
        changed = sound[number] if number < len(sound) else _changed(dice.choice(sound), dice)  # as it is first
        table = {**changed, "id": "changed", "version": "1"}
        place = tmp_path / str(number) / "changed" / "1"
        place.mkdir(parents=True)
        ordered = sorted(table.items(), key=lambda item: isinstance(item[1], dict))
        (place / "form.toml").write_text("\n".join(f"{key} = {toml_value(value)}" for key, value in ordered), "utf-8")
        with using(Templates([tmp_path / str(number)])):
            try:
                catalogue = load_catalogue("changed/1")
            except WrongDefinition as refusal:
                assert "changed/1" in str(refusal) or "mof-2020/1" in str(refusal), f"XLTOOL_SEED={SEED}: {refusal}"
                seen["refused"] += 1
            else:
                assert build(catalogue, Answers(catalogue.layout(), {})), f"XLTOOL_SEED={SEED}"
                seen["written"] += 1
    assert seen["refused"] > FORMS / 5 and seen["written"] >= len(sound), seen
