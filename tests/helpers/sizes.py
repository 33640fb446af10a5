"""Forms of random sizes, made cheaply: issued to projects that have so many indicators in every group."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from places import place_of

from xltool.form.places import Place
from xltool.form.seals import Seal, SealedValues, seal_values, values_text
from xltool.rules.issue_profile import IssueProfile
from xltool.rules.loading import load_catalogue
from xltool.write.bulk.instantiate import BulkTemplate

_WORDS = "培训活动场次完成及时率受益群众满意度验收合格经费控制设施维护使用年限节约能源持续影响"


def forms(number: int, most: int, seed: int = 1, reference: str = "mof-2020/1") -> Iterator[bytes]:
    """Forms issued to projects, no two alike.

    Args:
        number: how many.
        most: rows that a group has at most.
        seed: the same seed, the same forms.
        reference: of the form.
    """
    dice = random.Random(seed)
    catalogue = load_catalogue(reference)
    groups = list(catalogue.form.level2)
    kind = ["project.name", "project.unit", "indicators.level3", "indicators.target"]
    master = BulkTemplate(IssueProfile(catalogue, dict.fromkeys(groups, most), kind))
    for index in range(number):
        rows = {group: dice.randint(1, most) for group in groups}
        values: dict[Place, str] = {
            place_of("project", "name"): f"项目{index}",
            place_of("project", "unit"): "某单位",
        }
        layout = catalogue.layout(rows)
        for slot in layout.slots:
            text = "".join(dice.choices(_WORDS, k=dice.randint(4, 12)))
            values |= {
                place_of("indicators", slot.index, "level3"): text,
                place_of("indicators", slot.index, "target"): "≥95%",
            }
        issued = seal_values(
            reference,
            SealedValues(Seal("SIZES", index + 1, "0" * 12, "", ""), values, values_text(values, layout)),
            None,
        )
        yield master.instantiate(issued, rows)


def write(folder: Path, number: int, most: int, seed: int = 1) -> None:
    """The same as files."""
    for index, content in enumerate(forms(number, most, seed), 1):
        (folder / f"{index:05d}.xlsx").write_bytes(content)
