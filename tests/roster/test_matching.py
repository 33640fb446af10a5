"""For which project an unreadable file was sent: by the number of its form, by names, never by chance."""

from __future__ import annotations

import pytest

from xltool.roster.matching import projects_named_in
from xltool.roster.model import Project, Roster

NAMES = ["农村危房改造补助", "城区路灯电费及维护“亮化工程”", "内河渡口撤渡建桥 / 渡船更新", "小型水库维修养护"]
PLAIN = Roster(tuple(Project(2025, name, f"单位{n}", f"33010{n}") for n, name in enumerate(NAMES, 1)))
ISSUED = Roster(
    tuple(
        Project(2025, name, f"单位{n}", f"33010{n}", issue="2025-31ca01", number=str(n))
        for n, name in enumerate(NAMES, 1)
    )
)


@pytest.mark.parametrize(
    ("file", "of_issue", "of_roster"),
    [
        ("交回/0002-路灯（加密）.xlsx", [2], [2]),
        ("交回/0002-扫描件.pdf", [2], []),  # the roster may have changed since: the name must confirm the number
        ("交回/0003-渡船更新绩效自评报告.docx", [3], [3]),
        ("交回.zip!/0003_扫描.jpg", [3], []),
        ("交回/0001-小型水库维修养护.pdf", [4], [4]),  # the whole name says more than the number
        ("交回/0001-水库维修.pdf", [4], [4]),  # and so does a part that only one has
        ("交回/0009-扫描件.pdf", [], []),
        ("交回/2025-扫描件.pdf", [], []),
        ("交回/微信图片_20260325101522.jpg", [], []),
    ],
)
def test_the_number_of_an_issued_form_names_its_project(file: str, of_issue: list[int], of_roster: list[int]) -> None:
    for roster, expected in ((ISSUED, of_issue), (PLAIN, of_roster)):
        found = projects_named_in(roster, file)
        assert [int(project.unit.removeprefix("单位")) for project in found] == expected
