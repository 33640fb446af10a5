"""Which form a workbook is: by its stamp, in whichever of the three carriers is left."""

from __future__ import annotations

from dataclasses import dataclass

from xltool.form import stamps
from xltool.form.definition import references
from xltool.form.layout import MOST_ROWS, STAMP, Layout
from xltool.read.grid import Grid
from xltool.rules.catalogue import Catalogue, load_catalogue
from xltool.speech import say


class Unknown(Exception):  # noqa: N818  # about the file, not about us
    """Not a form we know; the text says why."""


@dataclass(frozen=True)
class Identity:
    """A form, how its sheet is laid out, and which time around it is."""

    catalogue: Catalogue
    layout: Layout
    turn: stamps.Round = stamps.FIRST


def identify(grid: Grid) -> Identity:
    """The form of a workbook.

    Raises:
        Unknown: no stamp, or one of a form or version that is not among ours.
    """
    carriers = (
        grid.at(STAMP, 1, 1).text,
        grid.properties.get(stamps.PROPERTY, ""),
        grid.names.get(stamps.NAME, "").strip('="'),
    )
    found = next((stamp for text in carriers if (stamp := stamps.parsed(text)) is not None), None)
    if found is None:
        raise Unknown(
            say("没有找到本工具模板的标记，不是用下发的模板填写的", "no stamp: not filled in on one of our templates")
        )
    form_id, version, capacities = found
    reference = f"{form_id}/{version}"
    if reference not in references():
        known = "、".join(references())
        raise Unknown(
            say(f"模板 {reference} 不在支持的版本中（{known}）", f"template {reference} is not supported ({known})")
        )
    catalogue = load_catalogue(reference)
    sound = set(capacities) == set(catalogue.form.level2) and all(0 < rows <= MOST_ROWS for rows in capacities.values())
    if not sound:
        raise Unknown(say("模板标记已损坏", "the stamp is damaged"))
    layout = catalogue.layout(capacities)
    if layout.form.sheet not in grid.cells:
        raise Unknown(say(f"没有《{layout.form.sheet}》工作表", f"there is no sheet {layout.form.sheet}"))
    return Identity(catalogue, layout, max(map(stamps.round_of, carriers), key=lambda turn: turn.number))
