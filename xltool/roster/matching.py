"""Find the projects that an unreadable file may be for, by its name, its folder, or its texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from xltool.roster.columns import normalise_key
from xltool.roster.model import Project, Roster
from xltool.support.escaping import own_name

#: The code of an issued form, printed on it and in its footer: 7F3A9C-0017-QK4M.
_CODE = re.compile(r"([0-9A-F]{6})-([0-9]{4,7})-[0-9A-Z]{4}", re.IGNORECASE)

#: How the name of an issued form's file begins: with the form's number in the issue.
_NUMBER = re.compile(r"(\d{4,7})[-_－—]")

#: Common parts of file names that do not identify a project.
_COMMON = re.compile(
    r"项目支出|财政项目|绩效|自评价?|报告|表格?|扫描件?|盖章版?|签字版?|终版|最终版?|定稿|修改版?|新版?|副本|退回第\d+轮|核对第\d+轮"
    r"|20\d\d年?度?|第?\d+次?|附件|的|v\d+|[^\w]|_"
)

#: The least characters of names, codes and rests of file names; shorter ones occur in too many texts by chance.
_LEAST, _LEAST_CODE, _LEAST_REST = 3, 5, 4

#: The least characters that a file's name shares with that of a project, to confirm a number that may be another's.
_LEAST_SHARED = 2


def projects_named_in(roster: Roster, file: str, texts: str = "", by_unit: bool = True) -> tuple[Project, ...]:
    """The projects that a file may be for; if it names only a unit, all projects of the unit.

    Args:
        roster: the projects.
        file: the name of the file with its folders, after that of its archive.
        texts: the extracted text of the file, as far as available.
        by_unit: whether the name of a unit alone is enough.
    """
    path, inside = normalise_key(file), normalise_key(texts)
    projects = _by_code(roster, file) or _by_name(roster.projects, path) or _by_number(roster, file)
    if projects:
        return projects
    projects = _by_name(roster.projects, inside)
    if len(projects) == 1:
        return projects
    projects = _by_part(roster.projects, file)
    if projects or not by_unit:
        return projects
    return _by_unit(roster.projects, path) or _by_unit(roster.projects, inside)


def _by_code(roster: Roster, file: str) -> tuple[Project, ...]:
    forms = {(match[1].upper(), int(match[2])) for match in _CODE.finditer(file)}
    return tuple(
        project
        for project in roster.projects
        if project.issue and (project.issue[-6:].upper(), int(project.number)) in forms
    )


def _by_number(roster: Roster, file: str) -> tuple[Project, ...]:
    """The project with the number that the file's name begins with, unless the rest of the name says another.

    A roster that is no manifest has no numbers: its projects are issued in its order, which may have changed since, so
    that the name must confirm it. So it must where the number may be a year.
    """
    match = _NUMBER.match(own_name(file))
    if match is None:
        return ()
    number, rest = int(match[1]), _rest(file)
    issued = [project for project in roster.projects if project.issue]
    numbered = [project for project in issued if int(project.number) == number]
    numbered = numbered if issued else list(roster.projects[number - 1 : number] if number else ())
    if not issued or len(numbered) > 1 or _may_be_year(number):
        numbered = [project for project in numbered if _shares_text(rest, project)]
    others = _by_part(roster.projects, file)
    return tuple(numbered) if len(numbered) == 1 and (not others or others == tuple(numbered)) else ()


def _may_be_year(number: int) -> bool:
    return 2000 <= number < 2100


def _shares_text(rest: str, project: Project) -> bool:
    names = normalise_key(project.name) + " " + normalise_key(project.unit)
    return any(rest[at : at + _LEAST_SHARED] in names for at in range(len(rest) - _LEAST_SHARED + 1))


def _rest(file: str) -> str:
    """What the name of a file says beside the number and common parts."""
    return _COMMON.sub("", normalise_key(_NUMBER.sub("", own_name(file).partition(".")[0], count=1)))


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
    rest = _rest(file)
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
