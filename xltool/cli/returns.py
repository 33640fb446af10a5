"""The folder of returned workbooks: one for each form with something to mend, the originals, and a list for mailing."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from xltool.cli import files, gather
from xltool.errors import WrongUse
from xltool.findings import REVIEW, form_key, stands, state
from xltool.harmless import csv_text, file_stem
from xltool.lists import RETURNED
from xltool.read.refusal import Unreadable
from xltool.speech import say

Result = dict[str, Any]

#: Originals by their content, never touched again; the list of what goes back.
ORIGINALS, LIST = "originals", "退回清单.csv"

_STATUS = {
    "accepted": "核对通过，请看警告",
    REVIEW: "待核对，请看警告",
    "returned": "退回更正",
    "unreadable": "无法读取，请重报",
}

#: Names of files may take so many bytes; some systems count 255 in all.
_LONGEST = 150


def refuse_inside(folder: Path, sources: Sequence[files.Source]) -> None:
    """Refuse to read workbooks from the folder that they are written to.

    Raises:
        WrongUse: one stands in it.
    """
    own = Path(os.path.realpath(folder))
    for source in sources:
        if own in Path(os.path.realpath(source.file)).parents:
            raise WrongUse(
                say(
                    f"--returns {folder} 里有要读取的文件 {source.name}；请另选一个文件夹",
                    f"--returns {folder} holds {source.name}, which is to be read; choose another folder",
                )
            )


def write(folder: Path, sources: gather.Sources, results: Sequence[Result]) -> int:
    """Write the folder; the number of workbooks that go back.

    Args:
        folder: made if it is not there.
        sources: the workbooks.
        results: their results, with what roster and ledger found.
    """
    from xltool.returning import goes_back, returned_workbook

    files.make_folder(folder / ORIGINALS)
    names = _names(results)
    lines = []
    written: set[tuple[str, ...]] = set()
    for result, name in zip(results, names, strict=True):
        unread = result["status"] == "unreadable"
        key = _unread_key(result) if unread else form_key(result)
        if key in written or not (unread or goes_back(result)):
            continue
        written.add(key)
        original = _keep(folder, sources[result["file"]], result["sha256"])
        if not unread:
            files.write(folder / name, returned_workbook(gather.again(sources, result), result))
        lines.append(_line(result, "" if unread else name, original))
    files.write(folder / LIST, csv_text([RETURNED, *lines]).encode("utf-8"))
    return sum(bool(line[-2]) for line in lines)


def _unread_key(result: Result) -> tuple[str, ...]:
    """Of what cannot be read each file has its line, and each reason where a workbook has several."""
    return result["sha256"], result["file"], result["findings"][0]["message"]


def _keep(folder: Path, source: files.Source, sha256: str) -> str:
    """The original under its content's name; one that is there is the same and stays."""
    suffix = Path(source.shown or source.file.name).suffix.lower()
    name = f"{ORIGINALS}/{sha256}{suffix if re.fullmatch(r'[.][a-z]{2,5}', suffix) else '.bin'}"
    if not (folder / name).exists():
        try:
            content = source.read()
        except Unreadable:  # what gives no bytes has no original
            return ""
        assert hashlib.sha256(content).hexdigest() == sha256, source.name
        files.write(folder / name, content)
    return name


def _line(result: Result, name: str, original: str) -> list[object]:
    record = result["record"]
    own = record["project"] if record else {}
    counts = Counter(one["level"] for one in result["findings"] if stands(one))
    names = [own.get(key) or "" for key in ("name", "department", "unit")]
    return [*names, _STATUS[state(result)], counts["error"], counts["warning"], result["file"], name, original]


def _names(results: Sequence[Result]) -> list[str]:
    """A name for each returned workbook: that of the file and its round, the project's where a file holds several."""
    forms = {(one["file"], *form_key(one)) for one in results if one["record"] is not None}
    several = Counter(file for file, *_ in forms)
    wished = [_wished(result, several[result["file"]] > 1) for result in results]
    own: dict[str, dict[tuple[str, ...], int]] = {}
    for result, name in zip(results, wished, strict=True):
        keys = own.setdefault(name.casefold(), {})
        keys.setdefault((result["file"], *form_key(result)), len(keys) + 1)
    names = []
    for result, name in zip(results, wished, strict=True):
        keys = own[name.casefold()]
        alike = [key for key in keys if key[1] == result["sha256"]]
        mark = f"-{result['sha256'][:8]}" if len(keys) > 1 else ""
        number = keys[result["file"], *form_key(result)]
        names.append(f"{name}{mark}{f'-{number}' if len(alike) > 1 else ''}.xlsx")
    return names


def _wished(result: Result, with_project: bool) -> str:
    file = result["file"].replace("\\", "/").rpartition("/")[2]
    stem = re.sub(r"（(?:退回|核对)第\d+轮）$", "", Path(file).stem)
    stem = file_stem(stem, _LONGEST) or "自评表"
    if with_project and result["record"] is not None:
        stem = file_stem(f"{stem[:30]}-{result['record']['project']['name'] or result['sheet']}", _LONGEST)
    turn = (result["reading"] or {}).get("round", 1)
    what = "核对" if result["status"] == "accepted" else "退回"
    return f"{stem}（{what}第{turn}轮）"


def tell(folder: Path, number: int) -> None:
    """Say what was written."""
    click.echo(
        say(f"已写入 {folder}：{number} 份退回的表，{LIST}", f"wrote {folder}: {number} returned forms, {LIST}"),
        err=True,
    )
