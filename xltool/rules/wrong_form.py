"""The findings about a form that is not the one issued to the project it was filled in for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from xltool.result.findings import Finding
from xltool.roster.columns import normalise_key
from xltool.roster.model import ProjectNames
from xltool.rules.code_findings import code_finding, shared_rules
from xltool.rules.rule import fill_placeholders
from xltool.support.i18n import tr


def other_project_finding(key: str, issued: ProjectNames, named: ProjectNames, cell: str | None) -> Finding:
    """P04 for a form of one project that was filled in for another.

    Args:
        key: the case: ``other_project``, or ``listed_project`` where the roster has the other one.
        issued: the project that it was issued to.
        named: the project that it was filled in for.
        cell: the cell of its name.
    """
    texts = {"issued": project_text(issued, named), "named": project_text(named, issued)}
    return _finding("P04", key, texts, cell, tr("项目名称", "project name"))


def other_unit_finding(issued: ProjectNames, named: ProjectNames) -> Finding:
    """P04 for a form of one project that another unit filled in, for which of its projects cannot be told."""
    texts = {"issued": project_text(issued, named), "unit": named.unit or "—"}
    return _finding("P04", "other_unit", texts, None, tr("实施单位", "unit"))


def other_year_finding(key: str, year: int, listed: int, name: str, cell: str | None = None) -> Finding:
    """X01 for a form of another year than that of the project in the roster.

    Args:
        key: the case: ``other_year``, ``perhaps_other_year`` where the roster may have been corrected, ``typed_year``
            for a form that was not issued.
        year: the year of the form.
        listed: the year of the project.
        name: the name of the project.
        cell: the cell of the year.
    """
    texts = {"year": str(year), "listed": str(listed), "project": name}
    return _finding("X01", key, texts, cell, tr("年度", "year"))


def _finding(rule: str, key: str, texts: Mapping[str, str], cell: str | None, label: str) -> Finding:
    """The finding of a case, which says in its remedy as well which form to use."""
    finding = code_finding(shared_rules()[rule], key, texts, "", cell, label)
    return replace(finding, fix=fill_placeholders(finding.fix, lambda name, _: texts[name]))


def project_text(project: ProjectNames, other: ProjectNames) -> str:
    """A project by its name, and by unit or year where these tell it from the other one."""
    name = project.name or "—"
    unit = project.unit if normalise_key(project.unit) != normalise_key(other.unit) else None
    year = tr(f"{project.year} 年度", str(project.year)) if project.year != other.year else None
    details = [text for text in (unit, year) if text]
    return f"“{name}”（{'，'.join(details)}）" if details else f"“{name}”"


def without_code(project: ProjectNames) -> ProjectNames:
    """The names that a form states, without the code: that is the one of the project it was issued to."""
    return replace(project, code=None)
