"""Why a file cannot be read: each cause has a key, with its message in ``templates/workbook.toml``."""

from __future__ import annotations

#: A document type in any part rejects the whole file, because no honest program writes one.
DANGEROUS = "xml_doctype"


class Unreadable(Exception):  # noqa: N818  # about the file, not about us
    """The bytes are not a workbook that can be read.

    Attributes:
        key: the case of rule P06 that says what the file is and what to do.
        reason: the detail for its message, such as the part, the entry, the size; "" if the case needs none.
    """

    def __init__(self, key: str, reason: str = "") -> None:
        super().__init__(key, reason)
        self.key = key
        self.reason = reason
