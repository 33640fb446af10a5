"""Files for the commands: what a PATH means, and writing that leaves no half files."""

from __future__ import annotations

import glob
import os
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from xltool.errors import WrongUse
from xltool.speech import say

#: What a folder is searched for: everything that may have been meant as a workbook.
WORKBOOKS = {".xlsx", ".xlsm", ".xltx", ".xls", ".et", ".ods", ".xlsb"}

#: A workbook inside an archive may not be larger, in bytes.
LARGEST = 100 * 1024 * 1024


@dataclass(frozen=True)
class Source:
    """A workbook that was found: a file, or an entry of a .zip."""

    name: str
    file: Path
    entry: str = ""

    def read(self) -> bytes:
        """Its bytes.

        Raises:
            WrongUse: the file cannot be read.
        """
        try:
            if not self.entry:
                return self.file.read_bytes()
            with zipfile.ZipFile(self.file) as archive, archive.open(self.entry) as stream:
                return stream.read(LARGEST)
        except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise WrongUse(say(f"读不了 {self.name}：{error}", f"cannot read {self.name}: {error}")) from None


def sources(paths: Iterable[str]) -> list[Source]:
    """The workbooks that files, folders, patterns and archives stand for: each once, in the order of their names.

    Raises:
        WrongUse: a path leads nowhere.
    """
    found: dict[tuple[Path, str], Source] = {}
    for path in paths:
        for file in _files(path):
            for source in _inside(file):
                found.setdefault((file.resolve(), source.entry), source)
    return sorted(found.values(), key=lambda source: source.name)


def _files(path: str) -> list[Path]:
    given = Path(path)
    if given.is_dir():
        files = [file for file in given.rglob("*") if file.suffix.lower() in WORKBOOKS | {".zip"} and file.is_file()]
    elif given.exists():
        return [given]
    else:
        # The shells of Windows leave patterns to the program.
        matches = glob.glob(path, recursive=True)  # noqa: PTH207  # Path.glob takes no absolute pattern
        files = [Path(one) for one in matches if Path(one).is_file()]
    files = [file for file in files if not file.name.startswith(("~$", "."))]  # ~$: the lock files of Excel and WPS
    if not files:
        raise WrongUse(say(f"{path}：找不到文件，或文件夹里没有工作簿", f"{path}: no such file, or no workbook in it"))
    return files


def _inside(file: Path) -> Iterator[Source]:
    if file.suffix.lower() != ".zip" or not zipfile.is_zipfile(file):
        yield Source(str(file), file)
        return
    with zipfile.ZipFile(file) as archive:
        for entry in archive.infolist():
            name = _entry_name(entry)
            base = Path(name).name
            wanted = Path(name).suffix.lower() in WORKBOOKS and not base.startswith(("~$", "."))
            if not entry.is_dir() and wanted and "__MACOSX" not in name:
                yield Source(f"{file}!/{name}", file, entry.filename)


def _entry_name(entry: zipfile.ZipInfo) -> str:
    """The name as its maker saw it: Windows writes GBK without saying so, which zipfile takes for cp437."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gbk")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return entry.filename


def write(file: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        WrongUse: the folder is not there, or the file is open in another program.
    """
    if file.exists() and not file.is_file():  # a device such as NUL: nothing to replace, or a folder: say so
        try:
            file.write_bytes(content)
        except OSError as error:
            raise WrongUse(
                say(f"写不了 {file}（{error.strerror}）", f"cannot write {file} ({error.strerror})")
            ) from None
        return
    try:
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".xltool-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            Path(temporary).chmod(0o666 & ~_umask())
            Path(temporary).replace(file)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        hint = say(
            "文件夹是否存在？文件是否正在 Excel 或 WPS 里打开？", "is the folder there? is the file open elsewhere?"
        )
        raise WrongUse(say(f"写不了 {file}（{reason}）；{hint}", f"cannot write {file} ({reason}); {hint}")) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def put_data(text: str) -> None:
    """Data to stdout: always UTF-8, whatever the console speaks."""
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(text)
        return
    sys.stdout.flush()
    buffer.write(text.encode("utf-8", "surrogatepass"))
    buffer.flush()
