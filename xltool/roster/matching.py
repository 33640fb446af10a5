"""Find the projects that an unreadable file may be for, by its name, its folder, or its texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from xltool.roster.columns import normalise_key
from xltool.roster.model import Project, Roster

#: The code of an issued form, printed on it and in its footer: 7F3A9C-0017-QK4M.
_CODE = re.compile(r"([0-9A-F]{6})-([0-9]{4,7})-[0-9A-Z]{4}", re.IGNORECASE)

#: Common parts of file names that do not identify a project.
_COMMON = re.compile(
    r"项目支出|财政项目|绩效|自评价?|报告|表格?|扫描件?|盖章版?|签字版?|终版|最终版?|定稿|修改版?|新版?|副本|退回第\d+轮|核对第\d+轮"
    r"|20\d\d年?度?|第?\d+次?|附件|的|v\d+|[^\w]|_"
)

#: The least characters of names, codes and rests of file names; shorter ones occur in too many texts by chance.
_LEAST, _LEAST_CODE, _LEAST_REST = 3, 5, 4


def projects_named_in(roster: Roster, file: str, texts: str = "") -> tuple[Project, ...]:
    """The projects that a file may be for; if it names only a unit, all projects of the unit.

    Args:
        roster: the projects.
        file: the name of the file with its folders, after that of its archive.
        texts: the extracted text of the file, as far as available.
    """
    path, inside = normalise_key(file), normalise_key(texts)
    for projects in (_by_code(roster, file), _by_name(roster.projects, path)):
        if projects:
            return projects
    projects = _by_name(roster.projects, inside)
    if len(projects) == 1:
        return projects
    return _by_part(roster.projects, file) or _by_unit(roster.projects, path) or _by_unit(roster.projects, inside)


def _by_code(roster: Roster, file: str) -> tuple[Project, ...]:
    forms = {(match[1].upper(), int(match[2])) for match in _CODE.finditer(file)}
    return tuple(
        project
        for project in roster.projects
        if project.issue and (project.issue[-6:].upper(), int(project.number)) in forms
    )


def _by_name(projects: Sequence[Project], text: str) -> tuple[Project, ...]:
    """The projects whose code or name occurs in the text.

    Of names that contain one another, only the longest count; of several projects with one name, those of the unit in
    the text.
    """
    if not text:
        return ()
    by_code = [
        project
        for project in projects
        if len(normalise_key(project.code)) >= _LEAST_CODE and normalise_key(project.code) in text
    ]
    if by_code:
        return tuple(by_code)
    by_name = [
        project
        for project in projects
        if len(normalise_key(project.name)) >= _LEAST and normalise_key(project.name) in text
    ]
    names = {normalise_key(project.name) for project in by_name}
    longest = {name for name in names if not any(name != other and name in other for other in names)}
    candidates = [project for project in by_name if normalise_key(project.name) in longest]
    of_unit = [project for project in candidates if normalise_key(project.unit) in text]
    return tuple(of_unit if of_unit and len(longest) == 1 else candidates)


def _by_part(projects: Sequence[Project], file: str) -> tuple[Project, ...]:
    """The only project whose name contains all of the file's name, apart from common parts."""
    short = file.replace("\\", "/").rpartition("/")[2]
    rest = _COMMON.sub("", normalise_key(short.partition(".")[0]))
    matches = [project for project in projects if len(rest) >= _LEAST_REST and rest in normalise_key(project.name)]
    return tuple(matches) if len(matches) == 1 else ()


def _by_unit(projects: Iterable[Project], text: str) -> tuple[Project, ...]:
    matches = [
        project
        for project in projects
        if len(normalise_key(project.unit)) >= _LEAST and normalise_key(project.unit) in text
    ]
    units = {normalise_key(project.unit) for project in matches}
    longest = {unit for unit in units if not any(unit != other and unit in other for other in units)}
    return tuple(project for project in matches if normalise_key(project.unit) in longest) if len(longest) == 1 else ()
