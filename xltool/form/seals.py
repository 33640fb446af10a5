"""The seal of a form issued to a project: who issued it, and a digest of the issued values.

The workbook has the seal in three carriers, next to the stamp, and the issued values on the hidden sheet, so that a
change is detected without any other file. The digest, like any checksum, does not distinguish accident from intent;
only with a key (HMAC) does a seal prove that the bureau made it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from xltool.form import stamps
from xltool.form.definition import Form
from xltool.form.layout import Layout
from xltool.form.places import Place, VariableRowCell
from xltool.language.functions import Value
from xltool.language.numbers import normalize
from xltool.roster.model import project_digest
from xltool.support import json_codec
from xltool.support.templates import cache_within_budget

#: The carriers in addition to the cell on the hidden sheet: a document property and a defined name.
PROPERTY, NAME = "xltool-seal", "xl_seal"

#: The greatest length of a text in a cell, in UTF-16 code units.
MOST_VALUES = 32_767

_TEXT = re.compile(
    r"xltool-seal/1 issue=([0-9A-Za-z-]{1,24}) number=([0-9]{1,7}) project=([0-9a-f]{12})"
    r"(?: due=([0-9]{4}-[0-9]{2}-[0-9]{2}))? digest=([0-9a-f]{32})(?: key=([0-9a-f]{8}) mac=([0-9a-f]{32}))?"
)

#: Crockford's digits, without I, L, O and U, which are easily misread on paper.
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

#: The results of verifying a seal with a key.
PROVEN, UNSIGNED, UNCHECKED, FOREIGN, FORGED = "proven", "unsigned", "unchecked", "foreign", "forged"


@dataclass(frozen=True)
class Seal:
    """Who issued a form, and to which project.

    Attributes:
        issue: the id of the issue, one run over one roster.
        number: the form's number in the issue, from 1.
        project: 12 hex digits of the project's identity.
        digest: 32 hex digits of the issued values.
        due: the deadline in ISO 8601; "" if there is none.
        key: 8 hex digits that identify the key; "" without a key.
        mac: 32 hex digits; "" without a key.
    """

    issue: str
    number: int
    project: str
    digest: str
    due: str = ""
    key: str = ""
    mac: str = ""

    @property
    def code(self) -> str:
        """The short code that connects paper and file: ``7F3A9C-0017-QK4M``."""
        bits = int((self.mac or self.digest)[:5], 16)
        check = "".join(_DIGITS[bits >> shift & 31] for shift in (15, 10, 5, 0))
        return f"{self.issue[-6:].upper()}-{self.number:04d}-{check}"


@dataclass(frozen=True)
class SealedValues:
    """A seal with the issued values.

    Attributes:
        seal: the seal.
        values: the values of all places that the unit may not change; None for a blank.
        texts: the same values as written to the hidden sheet.
    """

    seal: Seal
    values: Mapping[Place, Value]
    texts: str


def seal_values(reference: str, issued: SealedValues, key: bytes | None = None) -> SealedValues:
    """Complete the seal of issued values.

    Args:
        reference: the form, such as ``mof-2020/1``.
        issued: the values, and a seal with issue, number, project and due; digest and MAC are computed here.
        key: the bureau's key, if it has one.
    """
    seal = replace(issued.seal, digest=seal_digest(reference, issued.seal, issued.texts), key="", mac="")
    if key is not None:
        seal = replace(seal, key=_key_id(key))
        seal = replace(seal, mac=_mac(seal, key))
    assert parse_seal(seal_text(seal)) == seal, seal_text(seal)
    return replace(issued, seal=seal)


def seal_text(seal: Seal) -> str:
    """The seal as written to its carriers."""
    due = f" due={seal.due}" if seal.due else ""
    text = f"xltool-seal/1 issue={seal.issue} number={seal.number} project={seal.project}{due} digest={seal.digest}"
    text += f" key={seal.key} mac={seal.mac}" if seal.key else ""
    assert len(text) <= stamps.LONGEST, text
    return text


def parse_seal(text: str) -> Seal | None:
    """Parse a seal; None for a text that is no seal."""
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        return None
    issue, number, project, due, digits, key, mac = match.groups()
    return Seal(issue, int(number), project, digits, due or "", key or "", mac or "")


def seal_digest(reference: str, seal: Seal, values: str) -> str:
    """The digest of what was issued: form, issue, number, project, deadline, values.

    Args:
        reference: the form, such as ``mof-2020/1``.
        seal: the seal; its own digest is ignored.
        values: the values as text, see ``values_text``.
    """
    parts = (reference, seal.issue, str(seal.number), seal.project, seal.due, values)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def seal_mac(seal: Seal, key: bytes | None) -> str:
    """Verify the MAC of a seal; returns one of the five results above.

    Args:
        seal: the seal as read.
        key: the bureau's key; None if it is not available.
    """
    if not seal.mac:
        return UNSIGNED
    if key is None:
        return UNCHECKED
    if seal.key != _key_id(key):
        return FOREIGN
    return PROVEN if hmac.compare_digest(_mac(seal, key), seal.mac) else FORGED


def _key_id(key: bytes) -> str:
    return hmac.new(key, b"xltool key id", hashlib.sha256).hexdigest()[:8]


def _mac(seal: Seal, key: bytes) -> str:
    message = seal_text(replace(seal, mac="")).encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:32]


def project_mark(identity: str) -> str:
    """The digits of a project's identity in a seal."""
    return project_digest(identity)


def place_kind(place: Place) -> str:
    """The name of a place regardless of its row: ``project.name``, ``indicators.weight``."""
    return f"{place.block}.{place.column}" if isinstance(place, VariableRowCell) else place.name


def renumber_slots(values: Mapping[Place, Value], slots: Sequence[int]) -> dict[Place, Value]:
    """The values with other row numbers: ``slots`` has the new number of each row."""
    return {
        place._replace(row=slots[place.row]) if isinstance(place, VariableRowCell) else place: value
        for place, value in values.items()
    }


# ── the issued values as text ───────────────────────────────────


def values_text(values: Mapping[Place, Value], layout: Layout) -> str:
    """The issued values as JSON, in the given order; rows are named by group and number in it."""
    named = _names(layout.form, tuple(layout.capacities.items()))
    return json_codec.dumps({named[place]: _json_value(value) for place, value in values.items()})


def read_values(text: str, layout: Layout) -> dict[Place, Value] | None:
    """Parse the issued values, by the places of a layout, as many rows as it has.

    Returns:
        None if the text is damaged or names what the form does not have.
    """
    try:
        table = json_codec.loads(text)
    except ValueError:
        return None
    places = {name: place for place, name in _names(layout.form, tuple(layout.capacities.items())).items()}
    if not isinstance(table, dict) or not all(_is_value(item) for item in table.values()):
        return None
    if not all(item in places or item.startswith(f"{layout.form.indicator_table}.") for item in table):
        return None
    values = {places[item]: value for item, value in table.items() if item in places}
    return {place: Decimal(value) if isinstance(value, int) else value for place, value in values.items()}


@cache_within_budget(lambda found, *_: 300 * len(found))
def _names(form: Form, capacities: tuple[tuple[str, int], ...]) -> dict[Place, str]:
    """The names of places in the text: ``project.name``, ``indicators.quantity.0.weight``."""
    layout = Layout(form, dict(capacities))
    counts: Counter[str] = Counter()
    rows: dict[tuple[str, int], str] = {}
    for table, slots in layout.table_slots.items():
        for slot in slots:
            rows[table, slot.index] = f"{table}.{slot.level2.id}.{counts[slot.level2.id]}"
            counts[slot.level2.id] += 1
    return {
        place: f"{rows[place.block, place.row]}.{place.column}" if isinstance(place, VariableRowCell) else place.name
        for place in layout.places
    }


def _json_value(value: Value) -> Any:
    return normalize(value) if isinstance(value, Decimal) else value


def _is_value(value: Any) -> bool:
    return value is None or (isinstance(value, int | Decimal | str) and not isinstance(value, bool))
