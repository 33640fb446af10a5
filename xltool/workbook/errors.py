"""Why bytes are no workbook that can be read: a cause with its own key, worded in ``templates/workbook.toml``."""

from __future__ import annotations

#: The cause for which a file is refused wherever in it that is found: no honest program writes a document type.
DANGEROUS = "xml_doctype"


class Unreadable(Exception):  # noqa: N818  # about the file, not about us
    """The bytes are no workbook that can be read.

    Attributes:
        key: the case of rule P06 that says what they are and what to do.
        reason: what to fill into its message: the part, the entry, the size; "" where the case needs none.
    """

    def __init__(self, key: str, reason: str = "") -> None:
        super().__init__(key, reason)
        self.key = key
        self.reason = reason
