"""The seal of a form that was issued to a project: who issued it, and a digest of what was issued.

It goes into the workbook in three carriers, beside the stamp, with the issued values themselves on the hidden sheet:
so a change can be told without any list at hand. The digest tells chance from intent as little as any checksum does;
only with a key (HMAC) does a seal prove that it was the bureau that made it.
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

#: The carriers beside the cell of the hidden sheet: a document property and a defined name.
PROPERTY, NAME = "xltool-seal", "xl_seal"

#: A cell holds so many code units of text.
MOST_VALUES = 32_767

_TEXT = re.compile(
    r"xltool-seal/1 issue=([0-9A-Za-z-]{1,24}) number=([0-9]{1,7}) project=([0-9a-f]{12})"
    r"(?: due=([0-9]{4}-[0-9]{2}-[0-9]{2}))? digest=([0-9a-f]{32})(?: key=([0-9a-f]{8}) mac=([0-9a-f]{32}))?"
)

#: Crockford's digits: no I, L, O or U to be misread on paper.
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

#: What a key says of a seal.
PROVEN, UNSIGNED, UNCHECKED, FOREIGN, FORGED = "proven", "unsigned", "unchecked", "foreign", "forged"


@dataclass(frozen=True)
class Seal:
    """Who issued a form, to which project.

    Attributes:
        issue: the id of the issue: one run over one roster.
        number: the form's number in it, from 1.
        project: 12 hex digits of the project's identity.
        digest: 32 hex digits of what was issued.
        due: the day by which it is to be handed in, as in ISO 8601; "" when none was set.
        key: 8 hex digits that tell keys apart; "" without a key.
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
        """The short code that ties paper to file: ``7F3A9C-0017-QK4M``."""
        bits = int((self.mac or self.digest)[:5], 16)
        check = "".join(_DIGITS[bits >> shift & 31] for shift in (15, 10, 5, 0))
        return f"{self.issue[-6:].upper()}-{self.number:04d}-{check}"


@dataclass(frozen=True)
class SealedValues:
    """A seal with what was issued: the values of all places that the unit may not change, None for a blank one.

    Attributes:
        written: the same as the hidden sheet has it.
    """

    seal: Seal
    values: Mapping[Place, Value]
    texts: str


def seal_values(reference: str, issued: SealedValues, key: bytes | None = None) -> SealedValues:
    """What is issued, under its seal.

    Args:
        reference: the form, such as ``mof-2020/1``.
        issued: the values, and a seal with issue, number, project and due; digest and MAC are made here.
        key: of the bureau, if it has one.
    """
    made = replace(issued.seal, digest=digest(reference, issued.seal, issued.texts), key="", mac="")
    if key is not None:
        made = replace(made, key=_key_id(key))
        made = replace(made, mac=_mac(made, key))
    assert parse_seal(seal_text(made)) == made, seal_text(made)
    return replace(issued, seal=made)


def seal_text(seal: Seal) -> str:
    """The seal as its carriers hold it."""
    due = f" due={seal.due}" if seal.due else ""
    made = f"xltool-seal/1 issue={seal.issue} number={seal.number} project={seal.project}{due} digest={seal.digest}"
    made += f" key={seal.key} mac={seal.mac}" if seal.key else ""
    assert len(made) <= stamps.LONGEST, made
    return made


def parse_seal(found: str) -> Seal | None:
    """The seal of a text; None for a text that is none."""
    match = _TEXT.fullmatch(found.strip())
    if match is None:
        return None
    issue, number, project, due, own, key, mac = match.groups()
    return Seal(issue, int(number), project, own, due or "", key or "", mac or "")


def digest(reference: str, seal: Seal, values: str) -> str:
    """The digest of what was issued: form, issue, number, project, day, values.

    Args:
        reference: the form, such as ``mof-2020/1``.
        seal: its own digest does not count.
        values: what ``written`` gives.
    """
    stated = (reference, seal.issue, str(seal.number), seal.project, seal.due, values)
    return hashlib.sha256("\n".join(stated).encode()).hexdigest()[:32]


def mac_of(seal: Seal, key: bytes | None) -> str:
    """What a key says of a seal: one of the five words above.

    Args:
        seal: as it was found.
        key: of the bureau; None when there is none at hand.
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
    stated = seal_text(replace(seal, mac="")).encode()
    return hmac.new(key, stated, hashlib.sha256).hexdigest()[:32]


def project_mark(identity: str) -> str:
    """The mark of a project's identity in a seal."""
    return project_digest(identity)


def place_kind(place: Place) -> str:
    """What a place is called where rows do not matter: ``project.name``, ``indicators.weight``."""
    return f"{place.block}.{place.column}" if isinstance(place, VariableRowCell) else place.name


def renumber_slots(values: Mapping[Place, Value], slots: Sequence[int]) -> dict[Place, Value]:
    """The values where the rows of a form are among more rows: ``slots`` says where each of them is."""
    return {
        place._replace(row=slots[place.row]) if isinstance(place, VariableRowCell) else place: value
        for place, value in values.items()
    }


# ── the issued values as text ───────────────────────────────────


def values_text(values: Mapping[Place, Value], layout: Layout) -> str:
    """The issued values as JSON, in the order given; rows go by their group and number in it, wherever they stand."""
    named = _names(layout.form, tuple(layout.capacities.items()))
    return json_codec.dumps({named[place]: _plain(value) for place, value in values.items()})


def read_values(text: str, layout: Layout) -> dict[Place, Value] | None:
    """The issued values of a text by the places of a layout, as many rows as it has.

    Returns:
        None when the text is damaged, or speaks of what the form does not have.
    """
    try:
        table = json_codec.loads(text)
    except ValueError:
        return None
    places = {name: place for place, name in _names(layout.form, tuple(layout.capacities.items())).items()}
    if not isinstance(table, dict) or not all(_is_value(one) for one in table.values()):
        return None
    if not all(one in places or one.startswith(f"{layout.form.indicator_table}.") for one in table):
        return None
    found = {places[one]: value for one, value in table.items() if one in places}
    return {place: Decimal(value) if isinstance(value, int) else value for place, value in found.items()}


@cache_within_budget(lambda found, *_: 300 * len(found))
def _names(form: Form, capacities: tuple[tuple[str, int], ...]) -> dict[Place, str]:
    """``project.name``, ``indicators.quantity.0.weight``."""
    layout = Layout(form, dict(capacities))
    counts: Counter[str] = Counter()
    rows = []
    for slot in layout.slots:
        rows.append(f"{slot.level2.id}.{counts[slot.level2.id]}")
        counts[slot.level2.id] += 1
    return {
        place: f"{place.block}.{rows[place.row]}.{place.column}" if isinstance(place, VariableRowCell) else place.name
        for place in layout.places
    }


def _plain(value: Value) -> Any:
    return normalize(value) if isinstance(value, Decimal) else value


def _is_value(one: Any) -> bool:
    return one is None or (isinstance(one, int | Decimal | str) and not isinstance(one, bool))
