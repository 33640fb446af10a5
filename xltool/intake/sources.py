"""The files that PATH arguments refer to: folders, patterns and archives are resolved, and each file is read safely."""

from __future__ import annotations

import contextlib
import glob
import mmap
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from xltool.intake.files import read_file
from xltool.support.errors import WrongUse
from xltool.support.i18n import os_error_text, tr
from xltool.support.templates import cache_within_budget
from xltool.workbook.errors import Unreadable
from xltool.workbook.limits import SAFE
from xltool.workbook.ooxml.zip import ZipFile

#: Files that programs and systems leave in a folder; everything else may be a submission.
_BYPRODUCTS, _BESIDE, _MAC = {"thumbs.db", ".ds_store", "desktop.ini"}, ("~$", ".~", "._"), "__MACOSX/"


#: Suffixes of files that are not opened to see whether they are archives.
_NO_ARCHIVES = {".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".et", ".ods", ".xlsb", ".docx", ".pdf", ".jpg", ".png"}


#: Members that mark a zip file as a document; any other zip file is an archive of submissions.
_ZIPPED = ("[Content_Types].xml", "mimetype", "content.xml", "OFD.xml", "Index.zip", "xl/workbook.xml")


#: A workbook in an archive has the size limit of a file; their number is limited separately.
_IN_ARCHIVE = replace(SAFE, part_bytes=SAFE.file_bytes, total_bytes=1 << 62)


_KINDS = {
    stat.S_IFLNK: ("链接", "a link"), stat.S_IFIFO: ("管道", "a pipe"), stat.S_IFDIR: ("文件夹", "a folder"),
    stat.S_IFSOCK: ("套接字", "a socket"), stat.S_IFCHR: ("设备", "a device"), stat.S_IFBLK: ("设备", "a device"),
}  # fmt: skip


@dataclass(frozen=True)
class InputFile:
    """A file, or an entry of an archive.

    Attributes:
        file: the path of the file.
        entry: the number of the entry; None for the file itself.
        shown: the name of the entry.
        trouble: why it cannot be read, if that is already known.
    """

    file: Path
    entry: int | None = None
    shown: str = ""
    trouble: Unreadable | None = None

    @property
    def name(self) -> str:
        """Its name as text that every output can show; bytes that are not UTF-8 are escaped."""
        name = str(self.file) if self.entry is None else f"{self.file}!/{self.shown}"
        return os.fsencode(name).decode("utf-8", "backslashreplace")

    def read(self) -> bytes:
        """Its bytes.

        Raises:
            Unreadable: not a regular file, too large, no permission, an archive in an archive, or a fault of the
                archive.
        """
        content = self.raw()
        if self.entry is not None and content.startswith(b"PK\3\4") and _holds_files(content):
            raise Unreadable("nested")
        return content

    def raw(self) -> bytes:
        """Its bytes, whatever they are.

        Raises:
            Unreadable: not a regular file, too large, no permission, or a fault of the archive.
        """
        if self.trouble is not None:
            raise self.trouble
        if self.entry is None:
            if self.file.name.startswith(("~$", ".~")):
                raise Unreadable("lock_file")
            return _regular_bytes(self.file)
        archive = _archive(*_version(self.file))
        return archive.read(archive.entries[self.entry])


def _regular_bytes(file: Path) -> bytes:
    """The bytes of a regular file; its type is checked before opening it, because opening a pipe may wait forever."""
    try:
        _refuse_unless_regular(os.lstat(file))
        # The file may have been replaced since the check.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(file, flags), "rb") as stream:
            status = os.fstat(stream.fileno())
            _refuse_unless_regular(status)
            content = b"" if status.st_size > SAFE.file_bytes else stream.read(SAFE.file_bytes + 1)
    except OSError as error:
        raise Unreadable("denied", os_error_text(error)) from None
    if max(len(content), status.st_size) > SAFE.file_bytes:
        raise Unreadable("large", f"{status.st_size / 1024 / 1024:.1f} MB > {SAFE.file_bytes // 1024 // 1024} MB")
    return content


def _refuse_unless_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable("not_regular", tr(*_KINDS.get(stat.S_IFMT(status.st_mode), ("未知类型", "unknown"))))


def find_sources(paths: Iterable[str], named: Iterable[Path] = (), outputs: Iterable[Path] = ()) -> list[InputFile]:
    """The files that paths, folders, patterns and archives refer to, each once, sorted by name.

    Args:
        paths: the operator's arguments.
        named: files given for another purpose, such as the roster, which a folder does not contribute.
        outputs: files that will be written; those left in a folder by an earlier run are not read.

    Raises:
        WrongUse: a path does not exist.
    """
    excluded = {_real(file) for file in named} | {_real(file) for file in outputs if _is_ours(file)}
    given_paths = {_real(Path(path)) for path in paths}
    sources: dict[tuple[Path, int | None], InputFile] = {}
    for path in paths:
        for file in _files(path):
            if (real := _real(file.file)) in excluded and real not in given_paths:
                continue
            for source in _inside(file):
                # A link is not the file it points to, although its folder may be reached through one.
                key = (_real(source.file), source.entry)
                # of two spellings of one path, the same one wins in any order
                sources[key] = min(sources.get(key, source), source, key=lambda item: item.name)
    return sorted(sources.values(), key=lambda source: (source.name, source.entry or 0))


def sources_named(wishes: Iterable[str], taken: Iterable[InputFile]) -> frozenset[str]:
    """The names of the files that the operator refers to, each by path, by its shown name, or by its last part.

    Raises:
        WrongUse: no such file among those taken, or several.
    """
    sources = list(taken)
    names = set()
    for wish in wishes:
        matching = {source.name for source in sources if wish == source.name or _real(source.file) == _real(Path(wish))}
        matching = matching or {
            source.name for source in sources if source.name.replace("\\", "/").rpartition("/")[2] == wish
        }
        if len(matching) != 1:
            reason = "没有这个文件" if not matching else f"不止一个文件：{'、'.join(sorted(matching))}"
            raise WrongUse(tr(f"--prefer {wish}：要读取的里面{reason}", f"--prefer {wish}: {len(matching)} such files"))
        names |= matching
    return frozenset(names)


def _real(file: Path) -> Path:
    """The path of a file with links in its folder resolved."""
    where = file.absolute()
    return Path(os.path.realpath(where.parent)) / where.name


def _is_ours(file: Path) -> bool:
    """Whether an existing file was written by us, so that it may be overwritten."""
    from xltool.recognition.own_files import own_file_kind

    return file.is_file() and own_file_kind(read_file(file)) != ""


def byproducts(paths: Iterable[str], taken: Iterable[InputFile]) -> list[str]:
    """The files left by programs and systems in folders and archives, which are not read.

    Args:
        paths: the operator's arguments.
        taken: the files that they refer to.
    """
    names_found: list[str] = []
    for folder in (Path(path) for path in paths if Path(path).is_dir()):
        names = (Path(place, name) for place, _, files in os.walk(folder) for name in files)
        names_found += [InputFile(name).name for name in names if _is_byproduct(name.name)]
    for archive in {source.file for source in taken if source.entry is not None}:
        with contextlib.suppress(Unreadable):
            entries = enumerate(_archive(*_version(archive)).entries)
            names_found += [
                InputFile(archive, number, entry.name).name for number, entry in entries if _is_byproduct(entry.name)
            ]
    return sorted(names_found)


def _files(path: str) -> list[InputFile]:
    path_given = Path(path)
    if path_given.is_dir():
        sources = list(_walked(path_given))
    elif os.path.lexists(path_given):
        return [InputFile(path_given)]
    else:
        # The shells of Windows do not expand patterns.
        matches = glob.glob(path, recursive=True)  # noqa: PTH207  # Path.glob takes no absolute pattern
        files = (Path(match) for match in matches)
        sources = [InputFile(file) for file in files if not file.is_dir() and not _is_byproduct(file.name)]
    if not sources:
        raise WrongUse(tr(f"{path}：找不到文件，或文件夹是空的", f"{path}: no such file, or an empty folder"))
    return sources


def _walked(folder: Path) -> Iterator[InputFile]:
    """The files in a folder and its subfolders; links are listed, never followed."""
    closed: list[OSError] = []
    for place, folders, files in os.walk(folder, onerror=closed.append):
        links = [name for name in folders if Path(place, name).is_symlink()]
        for name in (*files, *links):
            if not _is_byproduct(name):
                yield InputFile(Path(place, name))
    for error in closed:
        yield InputFile(Path(error.filename), trouble=Unreadable("denied", os_error_text(error)))


def _inside(source: InputFile) -> list[InputFile]:
    """The files of an archive; any other file, or a damaged archive, is returned itself."""
    file = source.file
    if source.trouble is not None or not (_is_archive(file.name) or _has_zip_signature(file)):
        return [source]
    try:
        archive = _archive(*_version(file))
    except Unreadable as error:
        # Another kind of file under that name is reported as such when it is read.
        return [replace(source, trouble=error) if error.key.startswith("zip_") and _is_archive(file.name) else source]
    if any(entry.name in _ZIPPED for entry in archive.entries):
        return [source]  # a workbook under another name
    entries = [
        InputFile(file, number, entry.name)
        for number, entry in enumerate(archive.entries)
        if not entry.folder and not _is_byproduct(entry.name)
    ]
    return entries or [source]  # an empty archive is reported when it is read


def _is_archive(name: str) -> bool:
    return name.lower().endswith(".zip")


def _has_zip_signature(file: Path) -> bool:
    """Whether a file without a known suffix begins like a zip file: 交回.zip.download, 交回."""
    if file.suffix.lower() in _NO_ARCHIVES:
        return False
    with contextlib.suppress(OSError, Unreadable):
        _version(file)  # opening a pipe would wait forever
        with file.open("rb") as stream:
            return stream.read(4) == b"PK\3\4"
    return False


def _holds_files(content: bytes) -> bool:
    """Whether the bytes are an archive, other than a workbook or document."""
    try:
        entries = ZipFile(content, _IN_ARCHIVE, SAFE.archive_entries).entries
    except Unreadable:
        return False
    return not any(entry.name in _ZIPPED for entry in entries)


def _is_byproduct(name: str) -> bool:
    """Whether a file or entry was left by a program or a system."""
    path = name.replace("\\", "/")
    short = path.rpartition("/")[2]
    return short.lower() in _BYPRODUCTS or short.startswith(_BESIDE) or _MAC in path


def _version(file: Path) -> tuple[Path, int, int]:
    """A file with its time and size, so that a rewritten archive is read again.

    Raises:
        Unreadable: not a regular file.
    """
    try:
        status = os.lstat(file)
    except OSError as error:
        raise Unreadable("denied", os_error_text(error)) from None
    _refuse_unless_regular(status)
    return file, status.st_mtime_ns, status.st_size


@cache_within_budget(
    lambda archive, *_: 500 * len(archive.entries)
)  # workers inherit the mapping, which does not count towards the memory of a file
def _archive(file: Path, _: int, size: int) -> ZipFile:
    """The directory of an archive; its bytes are mapped, not read.

    Raises:
        Unreadable: not an archive, or one that exceeds the limits.
    """
    if size > SAFE.archive_bytes:
        raise Unreadable("large", f"{size // 1024 // 1024} MB > {SAFE.archive_bytes // 1024 // 1024} MB")
    if not size:
        raise Unreadable("empty")
    try:
        with file.open("rb") as stream:
            content = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise Unreadable("denied", os_error_text(error)) from None
    if content[:2] != b"PK":
        raise Unreadable("archive")
    return ZipFile(content, _IN_ARCHIVE, SAFE.archive_entries)
