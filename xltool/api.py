"""The Python interface: the uses of the tool on paths, bytes and records; results are JSON, as commands write them.

What stands behind a function is imported when it is called: ``import xltool`` and ``xltool --version`` are fast.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xltool.support.errors import WrongUse
from xltool.support.templates import Templates, using

if TYPE_CHECKING:
    from xltool.form.definition import Form
    from xltool.result.record import Record as _FrozenRecord
    from xltool.services.fill import FilledWorkbook

#: A form's contents, as ``schema/record.schema.json`` has them; numbers are ``Decimal`` or ``int``.
Record = dict[str, Any]

#: What was found in a workbook or record, as ``schema/result.schema.json`` has it.
Result = dict[str, Any]

_Path = str | os.PathLike[str]


def load_form(name: str = "", *, templates: Templates | None = None) -> Form:
    """A form's definition: its fields, rows, labels and weights, frozen.

    Args:
        name: ``mof-2020`` for its newest version, or ``mof-2020/1``; "" for the national form.
        templates: the owner of definitions and caches; the process's own if None.

    Raises:
        WrongUse: no such form, or a definition that is refused; says why.
    """
    from xltool.form import loading, references

    with using(templates):
        return loading.load_form(references.full_reference(name))


def write_template(
    form: str = "",
    *,
    rows: Mapping[str, int] | None = None,
    to: _Path | None = None,
    templates: Templates | None = None,
) -> bytes:
    """A blank template.

    Args:
        form: as for ``load_form``.
        rows: how many rows second-level indicators have, by label or id: ``{"数量指标": 8}``; others as the form says.
        to: a file to write it to; one that is there is written over.
        templates: the owner of definitions and caches; the process's own if None.

    Returns:
        The bytes of an .xlsx file, the same for the same arguments.

    Raises:
        WrongUse: no such form or indicator, or a file that cannot be written.
    """
    from xltool.services.template import blank_template

    wishes = [f"{name}={number}" for name, number in (rows or {}).items()]
    with using(templates):
        content = blank_template(load_form(form).reference, wishes)
    _write(to, content)
    return content


def fill(
    record: Record | bytes | _Path,
    *,
    as_printed: bool = False,
    to: _Path | None = None,
    templates: Templates | None = None,
) -> FilledWorkbook:
    """A completed workbook from a record.

    Args:
        record: a record, its JSON as bytes, or the path of a .json file.
        as_printed: write the record's own figures over formulas that give others.
        to: a file to write the workbook to; one that is there is written over.
        templates: the owner of definitions and caches; the process's own if None.

    Returns:
        ``content``, the bytes of an .xlsx file, and ``remarks`` on everything it says otherwise than the record.

    Raises:
        WrongUse: not a valid record, or a file that cannot be read or written.
    """
    from xltool.services.fill import fill as fill_record

    with using(templates):
        filled = fill_record(_record(record)[0], as_printed)
    _write(to, filled.content)
    return filled


def read(workbook: bytes | _Path, *, templates: Templates | None = None) -> list[Record]:
    """The records of the forms in a workbook, ours first; nothing is judged, see ``ingest`` for what is wrong in them.

    Args:
        workbook: its bytes, or its path.
        templates: the owner of definitions and caches; the process's own if None.

    Raises:
        WrongUse: it cannot be read, or holds no form; says why and what to do.
    """
    from xltool.support.i18n import tr

    results = list(ingest(workbook, templates=templates))
    for result in results:
        if result["record"] is None:
            [finding, *_] = result["findings"]
            raise WrongUse(f"{result['file']}: {finding['rule']} {finding['message']}{tr('；', '; ')}{finding['fix']}")
    return [result["record"] for result in results]


def check(record: Record | bytes | _Path, *, templates: Templates | None = None) -> Result:
    """What the rules find in a record.

    Args:
        record: a record, its JSON as bytes, or the path of a .json file.
        templates: the owner of definitions and caches; the process's own if None.

    Raises:
        WrongUse: not a valid record; says where and why.
    """
    from xltool.services.read_and_check import result_of_record

    with using(templates):
        return result_of_record(*_record(record)).as_json()


def ingest(*sources: bytes | _Path, jobs: int = 1, templates: Templates | None = None) -> Iterator[Result]:
    """Read and check workbooks; whatever is wrong with one is a finding in its result, and the others go on.

    Args:
        sources: bytes of workbooks, in the order of the results, and then files, folders, patterns and .zip archives,
            each workbook in them once, in the order of their names.
        jobs: how many processes read at a time. Files are never read in this process: one that takes too much time
            or memory costs a worker.
        templates: the owner of definitions and caches, also in those processes; the process's own if None.

    Yields:
        A result for each form, and for whatever else was sent; the lists and books that this tool wrote are left out.

    Raises:
        WrongUse: a path that leads nowhere, something that is neither bytes nor a path, or no process to read in.
    """
    from xltool.intake.sources import find_sources
    from xltool.services import batch, checked_forms
    from xltool.support.i18n import tr

    if jobs < 1:
        raise WrongUse(tr(f"jobs={jobs}：应为 1 或更大的整数", f"jobs={jobs}: a whole number from 1"))
    if wrong := [one for one in sources if not isinstance(one, bytes | str | os.PathLike)]:
        kind = type(wrong[0]).__name__
        raise WrongUse(tr(f"ingest 的参数应是字节或路径，不是 {kind}", f"ingest takes bytes and paths, not {kind}"))
    contents = [_Bytes(f"bytes {number}", one) for number, one in enumerate(sources, 1) if isinstance(one, bytes)]
    paths = [os.fspath(one) for one in sources if not isinstance(one, bytes)]
    found: Sequence[batch.WorkbookSource] = [*contents, *find_sources(paths)]
    results = batch.read_all(found, jobs, templates=templates)
    return (one.as_json() for one in checked_forms.without_own_files(results, []))


@dataclass(frozen=True)
class _Bytes:
    """A workbook that came as bytes."""

    name: str
    content: bytes

    def read(self) -> bytes:
        """Its bytes."""
        return self.content


def _record(record: Record | bytes | _Path) -> tuple[_FrozenRecord, bytes, str]:
    """A valid record, its JSON, and the name it goes by.

    Raises:
        WrongUse: it is none.
    """
    from xltool.intake import records
    from xltool.support import json_codec

    if isinstance(record, str | os.PathLike):
        found, content = records.read_record(Path(record))
        return found, content, os.fspath(record)
    content = record if isinstance(record, bytes) else json_codec.dumps(record).encode("utf-8", "surrogatepass")
    return records.valid_record(content, "record"), content, "record"


def _write(to: _Path | None, content: bytes) -> None:
    if to is not None:
        from xltool.intake import files

        files.write_file(Path(to), content)
