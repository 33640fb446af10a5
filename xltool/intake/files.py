"""Files that the operator names: they are read whole, and written whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from xltool.support.errors import WrongUse
from xltool.support.i18n import os_error_text, tr


def refuse_overwriting(target: Path | None, inputs: Iterable[Path]) -> None:
    """Reject an output that is one of the inputs: originals are never overwritten.

    Raises:
        WrongUse: it is.
    """
    if target is not None and Path(os.path.realpath(target)) in {Path(os.path.realpath(file)) for file in inputs}:
        raise WrongUse(tr(f"-o {target} 就是要读取的文件，不能覆盖", f"-o {target} is one of the files to read"))


def refuse_ending(file: Path | None, option: str, *endings: str) -> None:
    """Reject a file name whose suffix does not fit the content: no program opens a workbook that is called .csv.

    Args:
        file: the file to write; None for none.
        option: the option that names it.
        endings: the suffixes that fit.

    Raises:
        WrongUse: another suffix.
    """
    if file is None or file.suffix.lower() in endings or (file.exists() and not file.is_file()):  # a device such as NUL
        return
    raise WrongUse(
        tr(f"{option} {file}：应以 {'、'.join(endings)} 结尾", f"{option} {file}: must end in {', '.join(endings)}")
    )


def make_folder(folder: Path) -> None:
    """Create a folder and its parents, unless it exists.

    Raises:
        WrongUse: it cannot be created.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongUse(
            tr(f"建不了文件夹 {folder}（{os_error_text(error)}）", f"no folder {folder} ({os_error_text(error)})")
        ) from None


def read_file(file: Path, what: str = "") -> bytes:
    """The bytes of a file named by the operator.

    Args:
        file: its path.
        what: its kind, for the message, such as 名册.

    Raises:
        WrongUse: it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        chinese = f"读不了{what or ' '}{' ' if what else ''}{file}（{os_error_text(error)}）"
        raise WrongUse(tr(chinese, f"cannot read {file} ({os_error_text(error)})")) from None


def is_database(file: Path) -> bool:
    """Whether a file is an SQLite database, such as a ledger."""
    try:
        with file.open("rb") as stream:
            return stream.read(16) == b"SQLite format 3\0"
    except OSError:
        return False


def write_file(file: Path, content: bytes) -> None:
    """Write a file as a whole or not at all.

    Raises:
        WrongUse: the folder does not exist, or the file is open in another program.
    """
    if file.exists() and not file.is_file():  # a device such as NUL cannot be replaced; a folder is an error
        try:
            file.write_bytes(content)
        except OSError as error:
            raise WrongUse(
                tr(f"写不了 {file}（{os_error_text(error)}）", f"cannot write {file} ({os_error_text(error)})")
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
        hint = tr(
            "文件夹是否存在？文件是否正在 Excel 或 WPS 里打开？", "is the folder there? is the file open elsewhere?"
        )
        raise WrongUse(
            tr(
                f"写不了 {file}（{os_error_text(error)}）；{hint}",
                f"cannot write {file} ({os_error_text(error)}); {hint}",
            )
        ) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_data_file(text: str) -> None:
    """Write data to stdout, always as UTF-8, regardless of the console's encoding."""
    if getattr(sys.stdout, "buffer", None) is None:
        sys.stdout.write(text)
    else:
        write_bytes_file(text.encode("utf-8"))


def write_bytes_file(content: bytes) -> None:
    """Write bytes to stdout."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
