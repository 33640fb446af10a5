"""Row capacities: how many rows the groups of tables of a copy of a form have."""

from __future__ import annotations

from collections.abc import Sequence

from xltool.form.definition import Form
from xltool.support.errors import WrongUse
from xltool.support.i18n import tr

#: The most rows of a group.
MOST_ROWS = 200


def parse_capacities(form: Form, options: Sequence[str]) -> dict[str, int]:
    """Parse capacities such as ``数量指标=8`` or ``quantity=8``.

    Raises:
        WrongUse: no such second-level indicator, or not a number from 1 to 200.
    """
    groups = [group for _, group in form.groups.values()]
    by_name = {name: group.id for group in groups for name in (group.id, group.label, *group.synonyms)}
    capacities = {}
    for option in options:
        name, _, number = option.partition("=")
        if name not in by_name:
            known = "、".join(group.label for group in groups)
            raise WrongUse(
                tr(f"--rows {option}：没有二级指标“{name}”；现有：{known}", f"--rows {option}: no such group: {known}")
            )
        if not number.isascii() or not number.isdigit() or not 1 <= int(number) <= MOST_ROWS:
            hint = f"--rows {name}=8"
            reason = tr(
                f"行数应为 1 到 {MOST_ROWS} 的整数，例如 {hint}", f"a number from 1 to {MOST_ROWS}, as in {hint}"
            )
            raise WrongUse(f"--rows {option}: {reason}")
        capacities[by_name[name]] = int(number)
    return capacities
