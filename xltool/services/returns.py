"""The folder of returned workbooks: one for each form with something to mend, the originals, and a list for mailing."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xltool.intake import files
from xltool.intake.sources import InputFile
from xltool.ledger.received import project_of
from xltool.result.findings import BUREAU, REVIEW, Finding
from xltool.result.result import ACCEPTED, UNREADABLE, Result
from xltool.roster.model import Project, Roster
from xltool.services.progress import Tracker, untracked
from xltool.services.read_again import file_changed_error, read_again
from xltool.services.return_form import is_returned
from xltool.support.errors import WrongUse
from xltool.support.escaping import csv_text, file_stem, own_name
from xltool.support.i18n import tr
from xltool.support.own_tables import RETURNED as COLUMNS
from xltool.workbook.errors import Unreadable

#: Originals by their content, never touched again; the list of what goes back.
ORIGINALS, LIST = "originals", "退回清单.csv"

_STATUS = {
    "accepted": "核对通过，请看警告",
    REVIEW: "待核对，请看警告",
    "returned": "退回更正",
    BUREAU: "不退回单位，须由财政部门处理",
    "unreadable": "无法读取，请重报",
}

#: What the list says of a form that is not the one of its project: none goes back, the unit has its own.
_WRONG_FORM = "用错了表，请用签发给本项目的表重报"

#: Names of files may take so many bytes; some systems count 255 in all.
_LONGEST = 150


@dataclass(frozen=True)
class FailedReturn:
    """A file of which no workbook to send back could be written; ``cause`` is that of ``workers.Failure``."""

    file: str
    cause: str


@dataclass(frozen=True)
class WrittenReturns:
    """What was written.

    Attributes:
        returned: how many workbooks go back.
        left_to_bureau: the projects, or files, whose errors only the bureau can mend.
        failed: what could not be written.
    """

    returned: int
    left_to_bureau: tuple[str, ...]
    failed: tuple[FailedReturn, ...] = ()


def refuse_sources_inside(folder: Path, sources: Sequence[InputFile]) -> None:
    """Refuse to read workbooks from the folder that they are written to.

    Raises:
        WrongUse: one is in it.
    """
    own = Path(os.path.realpath(folder))
    for source in sources:
        if own in Path(os.path.realpath(source.file)).parents:
            raise WrongUse(
                tr(
                    f"--returns {folder} 里有要读取的文件 {source.name}；请另选一个文件夹",
                    f"--returns {folder} holds {source.name}, which is to be read; choose another folder",
                )
            )


@dataclass(frozen=True)
class ApprovedContents:
    """The current approvals.

    Attributes:
        roster: with it; None where there is none.
        key: of the bureau, for the seals of forms that were issued with it.
    """

    roster: Roster | None = None
    key: bytes | None = None


@dataclass(frozen=True)
class _ListedForm:
    """A form that is listed: it goes back, cannot be read, or is the bureau's to mend.

    Attributes:
        source: its workbook.
        name: that its workbook gets; "" for one that does not go back.
        project: as the roster has it now.
        key: of the bureau.
    """

    source: InputFile
    result: Result
    name: str
    project: Project | None
    key: bytes | None


def write_returns(
    folder: Path,
    sources: Sequence[InputFile],
    results: Sequence[Result],
    approved: ApprovedContents = ApprovedContents(),  # frozen
    jobs: int = 1,
    debug: bool = False,
    track: Tracker = untracked,
) -> WrittenReturns:
    """Write the folder.

    Args:
        folder: made if it is not there.
        sources: the workbooks.
        results: their results, with what roster and ledger found.
        approved: what goes back in forms that were issued.
        jobs: how many processes write at a time.
        debug: whether to write in this process, so that an internal error shows its traceback.
        track: sees the workbooks pass as they are made.

    Raises:
        WrongUse: a file has changed since it was read, or something cannot be written.
    """
    files.make_folder(folder / ORIGINALS)
    listed = list(_listed({source.name: source for source in sources}, results, approved))
    originals = [_keep(folder, one.source, one.result) for one in listed]
    failed = dict(_write_workbooks(folder, [one for one in listed if one.name], jobs, debug, track))
    lines = [
        _line(one, "" if one.name in failed else one.name, original)
        for one, original in zip(listed, originals, strict=True)
    ]
    files.write_file(folder / LIST, csv_text([COLUMNS, *lines]).encode("utf-8"))
    kept = [str(line[0] or line[6]) for line in lines if line[3] == _STATUS[BUREAU]]
    return WrittenReturns(sum(bool(line[-2]) for line in lines), tuple(kept), tuple(failed.values()))


def _listed(
    sources: Mapping[str, InputFile], results: Sequence[Result], approved: ApprovedContents
) -> Iterator[_ListedForm]:
    """The forms with something to say, each once."""
    listed: set[tuple[str, ...]] = set()
    files_by_length = sorted({result.file for result in results}, key=len, reverse=True)
    for result, name in zip(results, _names(results), strict=True):
        is_unread, goes_back = result.status == UNREADABLE, is_returned(result)
        form = (*result.key, result.findings[0].message) if is_unread else result.key
        if result.superseded_by or form in listed or not (is_unread or goes_back or result.is_left_to_bureau):
            continue
        listed.add(form)
        project = project_of(result, approved.roster)
        source, told = sources[result.file], _with_own_names(result, files_by_length)
        yield _ListedForm(source, told, name if goes_back else "", project, approved.key)


def _with_own_names(result: Result, names: Sequence[str]) -> Result:
    """The result as its unit reads it: other files are named without the folders that the bureau keeps them in."""
    findings = tuple(
        _with_own_name(finding, names) if finding.rule == "X02" else finding for finding in result.findings
    )
    return replace(result, findings=findings)


def _with_own_name(finding: Finding, names: Sequence[str]) -> Finding:
    message = finding.message
    for name in names:  # the longest first: one may be part of another
        message = message.replace(name, own_name(name))
    return replace(finding, message=message)


def _write_workbooks(
    folder: Path, forms: Sequence[_ListedForm], jobs: int, debug: bool, track: Tracker
) -> Iterator[tuple[str, FailedReturn]]:
    """Write the workbooks in so many processes, within the limits of reading; those that are not written, by name.

    Raises:
        WrongUse: a file has changed since it was read.
    """
    from xltool.services import workers

    answers = map(_workbook, forms) if debug else workers.run_tasks(forms, _workbook, jobs)
    for form, answer in zip(forms, track(answers, len(forms)), strict=True):
        if isinstance(answer, workers.Failure):
            yield form.name, FailedReturn(form.source.name, answer.key)
        elif not answer:
            raise file_changed_error(form.source.name)
        else:
            files.write_file(folder / form.name, answer)


def _workbook(form: _ListedForm) -> bytes:
    """The workbook that goes back; nothing where the file is not what was read."""
    from xltool.services.return_form import build_returned_workbook

    try:
        examined = read_again(form.source, form.result)
    except WrongUse:
        return b""
    return build_returned_workbook(examined, form.result, form.project, form.key)


def _keep(folder: Path, source: InputFile, result: Result) -> str:
    """The original under its content's name; one that is there is the same and stays.

    Raises:
        WrongUse: the file has changed since it was read.
    """
    name = _original(source, result.sha256)
    if (folder / name).exists():
        return name
    try:
        content = source.raw()
    except Unreadable:  # what gives no bytes has no original
        return ""
    found = hashlib.sha256(content).hexdigest()
    if found != result.sha256 and result.record is not None:
        raise file_changed_error(source.name)
    name = _original(source, found)  # of what could not be read, perhaps not even to take its digest
    files.write_file(folder / name, content)
    return name


def _original(source: InputFile, sha256: str) -> str:
    suffix = Path(source.shown or source.file.name).suffix.lower()
    return f"{ORIGINALS}/{sha256}{suffix if re.fullmatch(r'[.][a-z]{2,5}', suffix) else '.bin'}"


def _line(listed: _ListedForm, name: str, original: str) -> list[object]:
    result, project = listed.result, listed.project
    record, sent, counts = result.record, result.sent_for, result.counts
    own = record.project if record else sent[0] if len(sent) == 1 else None
    department = (project.department if project else "") or (own.department if own else "") or ""
    names = [own.name or "", department, own.unit or ""] if own else [""] * 3
    status = _WRONG_FORM if result.is_wrong_form else _STATUS[result.display_state]
    return [*names, status, counts["error"], counts["warning"], result.file, name, original]


def _names(results: Sequence[Result]) -> list[str]:
    """A name for each returned workbook: that of the file and its round, the project's where a file holds several."""
    forms = {(one.file, *one.key) for one in results if one.record is not None}
    several = Counter(file for file, *_ in forms)
    wished = [_wished(result, several[result.file] > 1) for result in results]
    own: dict[str, dict[tuple[str, ...], int]] = {}
    for result, name in zip(results, wished, strict=True):
        keys = own.setdefault(name.casefold(), {})
        keys.setdefault((result.file, *result.key), len(keys) + 1)
    names = []
    for result, name in zip(results, wished, strict=True):
        keys = own[name.casefold()]
        alike = [key for key in keys if key[1] == result.sha256]
        mark = f"-{result.sha256[:8]}" if len(keys) > 1 else ""
        number = keys[result.file, *result.key]
        names.append(f"{name}{mark}{f'-{number}' if len(alike) > 1 else ''}.xlsx")
    return names


def _wished(result: Result, with_project: bool) -> str:
    file = own_name(result.file)
    stem = re.sub(r"（(?:退回|核对)第\d+轮）$", "", Path(file).stem)
    stem = file_stem(stem, _LONGEST) or "自评表"
    if with_project and result.record is not None:
        stem = file_stem(f"{stem[:30]}-{result.record.project.name or result.sheet}", _LONGEST)
    what = "核对" if result.status == ACCEPTED else "退回"
    return f"{stem}（{what}第{result.round}轮）"
