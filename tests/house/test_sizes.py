"""No file of the package is so long that it is about two things."""

from __future__ import annotations

from project import ROOT

#: The most lines of a file.
MOST_LINES = 400


def test_no_file_is_longer_than_a_reader_can_keep_in_mind() -> None:
    files = list((ROOT / "xltool").rglob("*.py"))
    lines = {file: len(file.read_text("utf-8").splitlines()) for file in files}
    assert len(files) > 100
    assert {str(file): number for file, number in lines.items() if number > MOST_LINES} == {}
