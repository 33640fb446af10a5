"""Detect the kind of a file by its bytes, never by its name. Anything but a workbook is rejected with its kind."""

from __future__ import annotations

import re

from xltool.support.text_files import decode_text
from xltool.workbook.errors import Unreadable
from xltool.workbook.legacy import ole
from xltool.workbook.namespaces import EXCEL_2003, OPENDOCUMENT

#: The bytes of a text that are enough to detect its kind.
_HEAD = 4096

#: Signatures at the beginning of a file.
_MAGIC = (
    (b"%PDF", "pdf"), (b"{\\rtf", "word"), (b"\xff\xd8\xff", "picture"), (b"\x89PNG\r\n", "picture"),
    (b"GIF8", "picture"), (b"BM", "picture"), (b"II*\0", "picture"), (b"MM\0*", "picture"), (b"RIFF", "picture"),
    (b"Rar!", "other_archive"), (b"7z\xbc\xaf\x27\x1c", "other_archive"), (b"\x1f\x8b", "other_archive"),
    (b"BZh", "other_archive"), (b"\xfd7zXZ", "other_archive"), (b"MSCF", "other_archive"),
    (b"MZ", "program"), (b"\x7fELF", "program"), (b"SQLite format 3", "database"), (b"ID;P", "text_table"),
    (b"TABLE\r\n0,1", "text_table"), (b"%TSD-Header-###%", "drm"), (b"\x62\x14\x23\x65", "drm"),
)  # fmt: skip

#: Names that programs for encrypting all files of an organisation write at the beginning.
_DRM = re.compile(rb"E-SafeNet|%TSD-Header|Chinasec|IP-guard|ESAFENET|DocSecurity|\x00LOCK\x00")

#: The beginning of a workbook of Excel 2 to 4: records without a container.
_BARE_RECORDS = re.compile(rb"\x09[\x00\x02\x04]..[\x00-\x07]\x00", re.DOTALL)

_MAIL = re.compile(r"(?im)^(?:received|return-path|mime-version|message-id|x-mailer|content-type|from|subject):\s")
_SAVED_PAGE = re.compile(r"(?i)x-document-type: workbook|saved by|snapshot-content|ml:spreadsheet|office:excel")
_HTML = re.compile(r"(?i)<(?:!doctype\s+html|html|head|body|table|meta|script|div)\b")
_JSON = re.compile(r"\s*[\[{]\s*[\"\[{\]}\d]")


def container_kind(content: bytes) -> str:
    """``zip`` or ``ole``, the containers of workbooks.

    Raises:
        Unreadable: it is anything else; the key says what.
    """
    if not content:
        raise Unreadable("empty")
    if content.startswith((b"PK\3\4", b"PK\5\6")):
        return "zip"
    if content.startswith(ole.MAGIC):
        return "ole"
    raise Unreadable(_foreign_kind(content))


def _foreign_kind(content: bytes) -> str:
    for magic, key in _MAGIC:
        if content.startswith(magic):
            return key
    head = content[:_HEAD]
    if _DRM.search(head):
        return "drm"
    if content[4:8] == b"ftyp":
        return "picture"
    if content[257:262] == b"ustar":
        return "other_archive"
    if _BARE_RECORDS.match(head):
        return "old_excel"
    if not head.strip(b"\0"):
        return "zeros"
    if content[:_HEAD].startswith(b"\xd0\xcf\x11\xe0"):
        return "cut"
    if b"PK\5\6" in content[-65557:]:
        return "zip_stray"
    return _text_kind(head) or "unknown"


def _text_kind(head: bytes) -> str | None:
    text = _decode_head(head)
    if text is None:
        return None
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("<"):
        if EXCEL_2003 in text or 'progid="Excel.Sheet"' in text:
            return "xml2003"
        if OPENDOCUMENT in text:
            return "flat_ods"
        return "html" if _HTML.search(text) else "xml"
    if len(_MAIL.findall(text[:2000])) > 1:
        return "mhtml" if _SAVED_PAGE.search(text) else "mail"
    if _JSON.match(text):
        return "json"
    if _HTML.search(text):
        return "html"
    rows = [line for line in text.splitlines() if line.strip()][:20]
    separators = [max(line.count(mark) for mark in ",\t;") for line in rows]
    return "csv" if rows and sum(number > 0 for number in separators) * 2 > len(rows) else "text"


def _decode_head(head: bytes) -> str | None:
    """Decode the bytes in one of the encodings of Chinese files; None if they are not text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head):
        return None
    return decode_text(head, ("utf-8", "gb18030"), is_head=True)


def ole_kind(content: bytes) -> str:
    """``xls`` or ``et``, for an old workbook.

    Raises:
        Unreadable: it is anything else in that container; the key says what.
    """
    streams = ole.Container(content).streams
    names = set(streams)
    if "\tDRMContent" in names or ("\x06DataSpaces" in names and any("DRM" in name for name in names)):
        raise Unreadable("drm")
    if "EncryptedPackage" in names or "EncryptionInfo" in names:
        raise Unreadable("encrypted")
    if names & {"Workbook", "Book", "WORKBOOK", "BOOK"}:
        return "et" if "ETExtData" in names else "xls"
    if any(name.startswith("__substg1.0_") for name in names):
        raise Unreadable("mail")
    if names & {"WordDocument", "PowerPoint Document", "WpsDocument"}:
        raise Unreadable("word")
    raise Unreadable("cut" if not streams or "Root Entry" not in names else "other_ole")


def zip_kind(names: set[str], mimetype: bytes, main_type: str) -> str:
    """``package``, ``xlsb`` or ``ods``, for a workbook in a zip file.

    Args:
        names: the names of its entries, in lower case.
        mimetype: the contents of the entry of that name; b"" if there is none.
        main_type: the content type of the package's main part; "" if it has none.

    Raises:
        Unreadable: it is anything else in a zip file; the key says what.
    """
    if mimetype:
        if mimetype.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
            return "ods"
        raise Unreadable("ofd" if b"ofd" in mimetype else "word" if b"opendocument" in mimetype else "archive")
    if "xl/workbook.bin" in names or "sheet.binary" in main_type:
        return "xlsb"
    if "wordprocessingml" in main_type or "presentationml" in main_type or "word/document.xml" in names:
        raise Unreadable("word")
    if "ofd.xml" in names:
        raise Unreadable("ofd")
    if any(name.endswith(".iwa") for name in names) or "index.zip" in names:
        raise Unreadable("numbers")
    if "[content_types].xml" in names or "xl/workbook.xml" in names:
        return "package"
    if "content.xml" in names:
        return "ods"
    raise Unreadable("archive")
