"""For which projects of a roster a file was sent that cannot be read: told by its name, its folder, or its texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from xltool.roster.columns import normalise_key
from xltool.roster.model import Project, Roster

#: The code that an issued form carries on paper and in its footer: 7F3A9C-0017-QK4M.
_CODE = re.compile(r"([0-9A-F]{6})-([0-9]{4,7})-[0-9A-Z]{4}", re.IGNORECASE)

#: What names of files say beside the project.
_USUAL = re.compile(
    r"项目支出|财政项目|绩效|自评价?|报告|表格?|扫描件?|盖章版?|签字版?|终版|最终版?|定稿|修改版?|新版?|副本|退回第\d+轮|核对第\d+轮"
    r"|20\d\d年?度?|第?\d+次?|附件|的|v\d+|[^\w]|_"
)

#: Shorter names, codes and rests stand in too many texts by chance.
_LEAST, _LEAST_CODE, _LEAST_REST = 3, 5, 4


def projects_named_in(roster: Roster, file: str, texts: str = "") -> tuple[Project, ...]:
    """The projects that a file may have been sent for; of a unit's file that names no project, all of its projects.

    Args:
        roster: the projects.
        file: the name of the file, with its folders and, inside an archive, the archive's.
        texts: what is written in it, as far as that can be had.
    """
    path, inside = normalise_key(file), normalise_key(texts)
    for found in (_by_code(roster, file), _by_name(roster.projects, path)):
        if found:
            return found
    found = _by_name(roster.projects, inside)
    if len(found) == 1:
        return found
    return _by_part(roster.projects, file) or _by_unit(roster.projects, path) or _by_unit(roster.projects, inside)


def _by_code(roster: Roster, file: str) -> tuple[Project, ...]:
    forms = {(match[1].upper(), int(match[2])) for match in _CODE.finditer(file)}
    return tuple(one for one in roster.projects if one.issue and (one.issue[-6:].upper(), int(one.number)) in forms)


def _by_name(projects: Sequence[Project], text: str) -> tuple[Project, ...]:
    """Those whose code or name the text has; of names inside one another the longest, of one name those of its unit."""
    if not text:
        return ()
    by_code = [
        one for one in projects if len(normalise_key(one.code)) >= _LEAST_CODE and normalise_key(one.code) in text
    ]
    if by_code:
        return tuple(by_code)
    named = [one for one in projects if len(normalise_key(one.name)) >= _LEAST and normalise_key(one.name) in text]
    names = {normalise_key(one.name) for one in named}
    longest = {name for name in names if not any(name != other and name in other for other in names)}
    found = [one for one in named if normalise_key(one.name) in longest]
    own = [one for one in found if normalise_key(one.unit) in text]
    return tuple(own if own and len(longest) == 1 else found)


def _by_part(projects: Sequence[Project], file: str) -> tuple[Project, ...]:
    """The only project whose name has all that the file's name says."""
    short = file.replace("\\", "/").rpartition("/")[2]
    rest = _USUAL.sub("", normalise_key(short.partition(".")[0]))
    found = [one for one in projects if len(rest) >= _LEAST_REST and rest in normalise_key(one.name)]
    return tuple(found) if len(found) == 1 else ()


def _by_unit(projects: Iterable[Project], text: str) -> tuple[Project, ...]:
    found = [one for one in projects if len(normalise_key(one.unit)) >= _LEAST and normalise_key(one.unit) in text]
    units = {normalise_key(one.unit) for one in found}
    longest = {unit for unit in units if not any(unit != other and unit in other for other in units)}
    return tuple(one for one in found if normalise_key(one.unit) in longest) if len(longest) == 1 else ()
