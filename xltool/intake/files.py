"""Files for the commands: what a PATH means, reading that nothing can trap, and writing that leaves no half files."""

from __future__ import annotations

import contextlib
import glob
import mmap
import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from xltool.support.errors import WrongUse
from xltool.support.i18n import os_error_text, tr
from xltool.support.templates import cache_within_budget
from xltool.workbook.errors import Unreadable
from xltool.workbook.limits import SAFE
from xltool.workbook.ooxml.zip import ZipFile

#: What programs and systems leave in a folder: nobody has sent it. Everything else may be what a unit has sent.
_BYPRODUCTS, _BESIDE, _MAC = {"thumbs.db", ".ds_store", "desktop.ini"}, ("~$", ".~", "._"), "__MACOSX/"

#: Of files with these endings most are what they say; none is opened to see whether it is an archive.
_NO_ARCHIVES = {".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".et", ".ods", ".xlsb", ".docx", ".pdf", ".jpg", ".png"}

#: Files that are their own kind although they are zip files; what else is one holds files that were sent.
_ZIPPED = ("[Content_Types].xml", "mimetype", "content.xml", "OFD.xml", "Index.zip", "xl/workbook.xml")

#: A workbook in an archive has the limit of a file; how many there are is another matter.
_IN_ARCHIVE = replace(SAFE, part_bytes=SAFE.file_bytes, total_bytes=1 << 62)

_KINDS = {
    stat.S_IFLNK: ("链接", "a link"), stat.S_IFIFO: ("管道", "a pipe"), stat.S_IFDIR: ("文件夹", "a folder"),
    stat.S_IFSOCK: ("套接字", "a socket"), stat.S_IFCHR: ("设备", "a device"), stat.S_IFBLK: ("设备", "a device"),
}  # fmt: skip


@dataclass(frozen=True)
class InputFile:
    """What was found: a file, or an entry of an archive.

    Attributes:
        file: the file.
        entry: the number of the entry; None for the file itself.
        shown: the entry's name.
        trouble: why it gives no bytes, where that is known already.
    """

    file: Path
    entry: int | None = None
    shown: str = ""
    trouble: Unreadable | None = None

    @property
    def name(self) -> str:
        """Its name as text that every output can carry; bytes that are no UTF-8 are shown as escapes."""
        name = str(self.file) if self.entry is None else f"{self.file}!/{self.shown}"
        return os.fsencode(name).decode("utf-8", "backslashreplace")

    def read(self) -> bytes:
        """Its bytes.

        Raises:
            Unreadable: no regular file, too large, no permission, an archive in an archive, or a fault of the archive.
        """
        content = self.raw()
        if self.entry is not None and content.startswith(b"PK\3\4") and _holds_files(content):
            raise Unreadable("nested")
        return content

    def raw(self) -> bytes:
        """Its bytes, whatever they are.

        Raises:
            Unreadable: no regular file, too large, no permission, or a fault of the archive.
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
    """The bytes of a regular file. It is not opened before that is known: opening a pipe waits for ever."""
    try:
        _refuse_unless_regular(os.lstat(file))
        # What was a file a moment ago may be something else now.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(file, flags), "rb") as stream:
            about = os.fstat(stream.fileno())
            _refuse_unless_regular(about)
            content = b"" if about.st_size > SAFE.file_bytes else stream.read(SAFE.file_bytes + 1)
    except OSError as error:
        raise Unreadable("denied", os_error_text(error)) from None
    if max(len(content), about.st_size) > SAFE.file_bytes:
        raise Unreadable("large", f"{about.st_size / 1024 / 1024:.1f} MB > {SAFE.file_bytes // 1024 // 1024} MB")
    return content


def _refuse_unless_regular(about: os.stat_result) -> None:
    if not stat.S_ISREG(about.st_mode):
        raise Unreadable("not_regular", tr(*_KINDS.get(stat.S_IFMT(about.st_mode), ("未知类型", "unknown"))))


def find_sources(paths: Iterable[str], named: Iterable[Path] = (), outputs: Iterable[Path] = ()) -> list[InputFile]:
    """The files that paths, folders, patterns and archives stand for: each once, in the order of their names.

    Args:
        paths: as the operator gave them.
        named: files that the operator gave for another purpose, such as the roster: a folder does not give them too.
        outputs: files that will be written: what a folder holds of an earlier run is not read again.

    Raises:
        WrongUse: a path leads nowhere.
    """
    apart = {_real(file) for file in named} | {_real(file) for file in outputs if _is_ours(file)}
    given = {_real(Path(path)) for path in paths}
    found: dict[tuple[Path, int | None], InputFile] = {}
    for path in paths:
        for file in _files(path):
            if (real := _real(file.file)) in apart and real not in given:
                continue
            for source in _inside(file):
                # A link is not the file it leads to, though its folder may be reached by one.
                key = (_real(source.file), source.entry)
                # of two spellings of one path, the same one wins whatever their order
                found[key] = min(found.get(key, source), source, key=lambda one: one.name)
    return sorted(found.values(), key=lambda source: (source.name, source.entry or 0))


def sources_named(wishes: Iterable[str], taken: Iterable[InputFile]) -> frozenset[str]:
    """The names of the files that the operator means, each as a path, as it is shown, or by its last part.

    Raises:
        WrongUse: there is no such file among those taken, or several.
    """
    every = list(taken)
    found = set()
    for wish in wishes:
        own = {one.name for one in every if wish == one.name or _real(one.file) == _real(Path(wish))}
        own = own or {one.name for one in every if one.name.replace("\\", "/").rpartition("/")[2] == wish}
        if len(own) != 1:
            told = "没有这个文件" if not own else f"不止一个文件：{'、'.join(sorted(own))}"
            raise WrongUse(tr(f"--prefer {wish}：要读取的里面{told}", f"--prefer {wish}: {len(own)} such files"))
        found |= own
    return frozenset(found)


def _real(file: Path) -> Path:
    """Where a file is, whatever links lead to its folder."""
    where = file.absolute()
    return Path(os.path.realpath(where.parent)) / where.name


def _is_ours(file: Path) -> bool:
    """Whether a file that is there already was written by us, so that it may be written anew."""
    from xltool.recognition.own_files import own_file_kind

    return file.is_file() and own_file_kind(read_file(file)) != ""


def byproducts(paths: Iterable[str], taken: Iterable[InputFile]) -> list[str]:
    """What programs and systems left in folders and archives, which nobody has sent and which is not read.

    Args:
        paths: as the operator gave them.
        taken: the files that they stand for.
    """
    found: list[str] = []
    for folder in (Path(path) for path in paths if Path(path).is_dir()):
        names = (Path(place, name) for place, _, files in os.walk(folder) for name in files)
        found += [InputFile(name).name for name in names if _is_byproduct(name.name)]
    for archive in {source.file for source in taken if source.entry is not None}:
        with contextlib.suppress(Unreadable):
            entries = enumerate(_archive(*_version(archive)).entries)
            found += [InputFile(archive, at, one.name).name for at, one in entries if _is_byproduct(one.name)]
    return sorted(found)


def refuse_overwriting(target: Path | None, inputs: Iterable[Path]) -> None:
    """Refuse an output that is one of the inputs: originals are never touched.

    Raises:
        WrongUse: it is.
    """
    if target is not None and Path(os.path.realpath(target)) in {Path(os.path.realpath(file)) for file in inputs}:
        raise WrongUse(tr(f"-o {target} 就是要读取的文件，不能覆盖", f"-o {target} is one of the files to read"))


def _files(path: str) -> list[InputFile]:
    given = Path(path)
    if given.is_dir():
        found = list(_walked(given))
    elif os.path.lexists(given):
        return [InputFile(given)]
    else:
        # The shells of Windows leave patterns to the program.
        matches = glob.glob(path, recursive=True)  # noqa: PTH207  # Path.glob takes no absolute pattern
        files = (Path(one) for one in matches)
        found = [InputFile(file) for file in files if not file.is_dir() and not _is_byproduct(file.name)]
    if not found:
        raise WrongUse(tr(f"{path}：找不到文件，或文件夹是空的", f"{path}: no such file, or an empty folder"))
    return found


def _walked(folder: Path) -> Iterator[InputFile]:
    """What a folder and those below it hold; links are named, never followed."""
    closed: list[OSError] = []
    for place, folders, files in os.walk(folder, onerror=closed.append):
        links = [name for name in folders if Path(place, name).is_symlink()]
        for name in (*files, *links):
            if not _is_byproduct(name):
                yield InputFile(Path(place, name))
    for error in closed:
        yield InputFile(Path(error.filename), trouble=Unreadable("denied", os_error_text(error)))


def _inside(source: InputFile) -> list[InputFile]:
    """The files of an archive; anything else, a damaged archive too, stands for itself."""
    file = source.file
    if source.trouble is not None or not (_is_archive(file.name) or _begins_like_one(file)):
        return [source]
    try:
        archive = _archive(*_version(file))
    except Unreadable as error:
        # Something else under that name says best itself what it is.
        return [replace(source, trouble=error) if error.key.startswith("zip_") and _is_archive(file.name) else source]
    if any(entry.name in _ZIPPED for entry in archive.entries):
        return [source]  # a workbook under another name
    found = [
        InputFile(file, number, entry.name)
        for number, entry in enumerate(archive.entries)
        if not entry.folder and not _is_byproduct(entry.name)
    ]
    return found or [source]  # an archive without any file is said to be one


def _is_archive(name: str) -> bool:
    return name.lower().endswith(".zip")


def _begins_like_one(file: Path) -> bool:
    """Whether a file that is called neither workbook nor document begins like a zip file: 交回.zip.download, 交回."""
    if file.suffix.lower() in _NO_ARCHIVES:
        return False
    with contextlib.suppress(OSError, Unreadable):
        _version(file)  # opening a pipe would wait for ever
        with file.open("rb") as stream:
            return stream.read(4) == b"PK\3\4"
    return False


def _holds_files(content: bytes) -> bool:
    """Whether the bytes are an archive, and no workbook or document that is kept in one."""
    try:
        entries = ZipFile(content, _IN_ARCHIVE, SAFE.archive_entries).entries
    except Unreadable:
        return False
    return not any(entry.name in _ZIPPED for entry in entries)


def _is_byproduct(name: str) -> bool:
    """Whether a file or an entry was left by a program or a system."""
    path = name.replace("\\", "/")
    short = path.rpartition("/")[2]
    return short.lower() in _BYPRODUCTS or short.startswith(_BESIDE) or _MAC in path


def _version(file: Path) -> tuple[Path, int, int]:
    """A file as it is now, so that an archive that was written anew is read anew.

    Raises:
        Unreadable: no regular file.
    """
    try:
        about = os.lstat(file)
    except OSError as error:
        raise Unreadable("denied", os_error_text(error)) from None
    _refuse_unless_regular(about)
    return file, about.st_mtime_ns, about.st_size


@cache_within_budget(
    lambda archive, *_: 500 * len(archive.entries)
)  # a worker inherits what is mapped, and it does not count as what a file takes
def _archive(file: Path, _: int, size: int) -> ZipFile:
    """The directory of an archive; its bytes are mapped, not read.

    Raises:
        Unreadable: no archive, or one that may not be read.
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


def refuse_ending(file: Path | None, option: str, *endings: str) -> None:
    """Refuse the name of a file that its contents would belie: no program opens a workbook that is called .csv.

    Args:
        file: where it is to be written; None for nowhere.
        option: that says so.
        endings: those that fit.

    Raises:
        WrongUse: another ending.
    """
    if file is None or file.suffix.lower() in endings or (file.exists() and not file.is_file()):  # a device such as NUL
        return
    raise WrongUse(
        tr(f"{option} {file}：应以 {'、'.join(endings)} 结尾", f"{option} {file}: must end in {', '.join(endings)}")
    )


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, unless it is there.

    Raises:
        WrongUse: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongUse(
            tr(f"建不了文件夹 {folder}（{os_error_text(error)}）", f"no folder {folder} ({os_error_text(error)})")
        ) from None


def read_file(file: Path, what: str = "") -> bytes:
    """The bytes of a file that the operator named.

    Args:
        file: where it is.
        what: what it is, for the message, such as 名册.

    Raises:
        WrongUse: it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        chinese = f"读不了{what or ' '}{' ' if what else ''}{file}（{os_error_text(error)}）"
        raise WrongUse(tr(chinese, f"cannot read {file} ({os_error_text(error)})")) from None


def write_file(file: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        WrongUse: the folder is not there, or the file is open in another program.
    """
    if file.exists() and not file.is_file():  # a device such as NUL: nothing to replace, or a folder: say so
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
    """Data to stdout: always UTF-8, whatever the console speaks."""
    if getattr(sys.stdout, "buffer", None) is None:
        sys.stdout.write(text)
    else:
        write_bytes_file(text.encode("utf-8"))


def write_bytes_file(content: bytes) -> None:
    """Bytes to stdout as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
