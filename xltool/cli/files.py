"""Files for the commands: what a PATH means, and writing that leaves no half files."""

from __future__ import annotations

import glob
import os
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from xltool.errors import WrongUse
from xltool.speech import say

#: What a folder is searched for: everything that may have been meant as a workbook.
WORKBOOKS = {".xlsx", ".xlsm", ".xltx", ".xls", ".et", ".ods", ".xlsb"}

#: A workbook inside an archive may not be larger, in bytes.
LARGEST = 100 * 1024 * 1024


class CannotRead(Exception):  # noqa: N818  # about one file, not about us
    """A file, or an entry of an archive, that gives no bytes; the text says why."""


@dataclass(frozen=True)
class Source:
    """A workbook that was found: a file, or an entry of a .zip."""

    file: Path
    entry: str = ""
    shown: str = ""

    @property
    def name(self) -> str:
        """Its name as text that every output can carry; bytes that are no UTF-8 are shown as escapes."""
        name = f"{self.file}!/{self.shown}" if self.entry else str(self.file)
        return os.fsencode(name).decode("utf-8", "backslashreplace")

    def read(self) -> bytes:
        """Its bytes.

        Raises:
            CannotRead: no permission, a password, a damaged archive.
        """
        try:
            if not self.entry and not self.file.is_file():
                raise CannotRead(say("不是普通文件", "not a regular file"))
            if not self.entry:
                return self.file.read_bytes()
            with zipfile.ZipFile(self.file) as archive, archive.open(self.entry) as stream:
                return stream.read(LARGEST)
        except RuntimeError as error:  # so zipfile says that there is a password
            reason = say("压缩包有密码", "the archive is encrypted") if "password" in str(error) else str(error)
            raise CannotRead(reason) from None
        except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise CannotRead(say(f"读不了（{error}）", f"cannot be read ({error})")) from None


def sources(paths: Iterable[str]) -> list[Source]:
    """The workbooks that files, folders, patterns and archives stand for: each once, in the order of their names.

    Raises:
        WrongUse: a path leads nowhere.
    """
    found: dict[tuple[Path, str], Source] = {}
    for path in paths:
        for file in _files(path):
            for source in _inside(file):
                key = (Path(os.path.realpath(file)), source.entry)
                # of two spellings of one path, the same one wins whatever their order
                found[key] = min(found.get(key, source), source, key=lambda one: one.name)
    return sorted(found.values(), key=lambda source: source.name)


def refuse_overwriting(target: Path | None, inputs: Iterable[Path]) -> None:
    """Refuse an output that is one of the inputs: originals are never touched.

    Raises:
        WrongUse: it is.
    """
    if target is not None and Path(os.path.realpath(target)) in {Path(os.path.realpath(file)) for file in inputs}:
        raise WrongUse(say(f"-o {target} 就是要读取的文件，不能覆盖", f"-o {target} is one of the files to read"))


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


def _inside(file: Path) -> list[Source]:
    """The workbooks of an archive; anything else, a damaged archive too, stands for itself."""
    if file.suffix.lower() != ".zip":
        return [Source(file)]
    try:
        with zipfile.ZipFile(file) as archive:
            entries = [(entry.filename, _entry_name(entry)) for entry in archive.infolist() if not entry.is_dir()]
    except (OSError, zipfile.BadZipFile, NotImplementedError):
        return [Source(file)]
    if any(entry == "[Content_Types].xml" for entry, _ in entries):
        return [Source(file)]  # a workbook under another name
    found = [
        Source(file, entry, name)
        for entry, name in entries
        if Path(name).suffix.lower() in WORKBOOKS | {".zip"}
        and not Path(name).name.startswith(("~$", "."))
        and "__MACOSX" not in name
    ]
    return found or [Source(file)]  # an archive without any workbook is said to be one


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
    buffer.write(text.encode("utf-8"))
    buffer.flush()
