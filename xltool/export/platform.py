"""The budget platform's tables as data: ``platform.toml`` as frozen values, refused when anything in it is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from xltool.support import resources
from xltool.support.errors import WrongDefinition
from xltool.support.i18n import tr

#: The file, in the folder of templates; a bureau's own is laid over ours.
FILE = "platform.toml"

#: What the words of a refusal may leave open, by its key; of the others, nothing.
_OPEN = {
    "too_long": {"count", "measure", "most"}, "too_large": {"most"}, "too_precise": {"scale"}, "special": {"found"},
    "formula": {"found"}, "twice": {"found"}, "copy": {"found"}, "earlier": {"found"},
}  # fmt: skip

_TYPE = re.compile(r"(VARCHAR|NUMBER)(?:\((\d+)(?:,(\d+))?\))?")


@dataclass(frozen=True)
class PlatformElement:
    """One column of a table of the platform.

    Attributes:
        name: as the platform calls it.
        meaning: what people call it.
        type: as the platform declares it, such as ``NUMBER(18,2)``.
        key: the key it is: of the form, of the row, or of what was approved; "" for no key.
        sources: the names in the record that it comes from; more than one are glued together.
        minus: the name whose value is taken off.
        roster: the column of the roster that it comes from, where the record says nothing.
        measure: money (turned into yuan), rate, or "".
        blank: what is stored for a blank.
        needed: the refusal that a blank is; "" where it may be blank.
        guess: what about it is guessed; "" for nothing.
    """

    name: str
    meaning: str
    type: str
    key: str = ""
    sources: tuple[str, ...] = ()
    minus: str = ""
    roster: str = ""
    measure: str = ""
    blank: str = ""
    needed: str = ""
    guess: str = ""

    @cached_property
    def _size(self) -> tuple[int | None, int | None]:
        match = _TYPE.fullmatch(self.type)
        assert match is not None, self.type  # the schema has seen to it
        return (int(match[2]) if match[2] else None, int(match[3]) if match[3] else None)

    @property
    def is_number(self) -> bool:
        """Whether numbers stand in it."""
        return self.type.startswith("NUMBER")

    @property
    def size(self) -> int | None:
        """The longest text, or the most digits; None where that is not known."""
        return self._size[0]

    @property
    def scale(self) -> int | None:
        """The most decimals of a number; None where that is not known."""
        return self._size[1]


@dataclass(frozen=True)
class PlatformTable:
    """A table of the platform: one row for each form, indicator or source of funds."""

    name: str
    meaning: str
    each: str
    elements: tuple[PlatformElement, ...]


@dataclass(frozen=True)
class Refusal:
    """What the platform does not take: the rule that says so, and the words for it."""

    key: str
    rule: str
    level: str
    message: str
    fix: str


@dataclass(frozen=True)
class Platform:
    """The tables of a platform, and how it takes what is not settled.

    Attributes:
        length: whether lengths count ``characters`` or ``bytes``.
        rate: whether rates are stored as ``ratio`` or ``percent``.
        special: characters that its import may refuse.
        unglued: what is left out where values are glued together, such as 定性.
    """

    name: str
    basis: str
    length: str
    rate: str
    special: str
    unglued: tuple[str, ...]
    tables: tuple[PlatformTable, ...]
    refusals: Mapping[str, Refusal]


def load_platform() -> Platform:
    """The platform's tables, with what the folders of XLTOOL_TEMPLATES say otherwise.

    Raises:
        WrongDefinition: with file, key and reason.
    """
    files = [folder / FILE for folder in resources.template_folders() if (folder / FILE).exists()]
    table: resources.Table = {}
    for file in reversed(files):
        table = resources.merge_tables(table, resources.read_toml(file))
    if not files:
        raise WrongDefinition(FILE, "", tr("安装不完整：找不到这个文件", "incomplete installation: no such file"))
    resources.refuse_unless_valid(table, "platform", str(files[0]))
    for key, one in table["refuses"].items():
        for name in ("message", "message_en"):
            for opened in {*re.findall(r"\{(\w+)\}", one[name])} - _OPEN.get(key, set()):
                raise WrongDefinition(str(files[0]), f"refuses.{key}.{name}", f"这里没有 {{{opened}}}")
    return Platform(
        table["name"], table["basis"], **{**table["params"], "unglued": tuple(table["params"]["unglued"])},
        tables=tuple(_table(name, one) for name, one in table["tables"].items()),
        refusals={key: _refusal(key, one) for key, one in table["refuses"].items()},
    )  # fmt: skip


def _table(name: str, table: resources.Table) -> PlatformTable:
    elements = tuple(_element(one, values) for one, values in table["elements"].items())
    return PlatformTable(name, table["name"], table["each"], elements)


def _element(name: str, table: resources.Table) -> PlatformElement:
    texts = {key: table.get(key, "") for key in ("type", "key", "minus", "roster", "blank", "needed", "guess")}
    return PlatformElement(
        name, table["name"], sources=tuple(table.get("from", ())), measure=table.get("as", ""), **texts
    )


def _refusal(key: str, table: resources.Table) -> Refusal:
    message, fix = tr(table["message"], table["message_en"]), tr(table["fix"], table["fix_en"])
    return Refusal(key, table.get("rule", ""), table["level"], message, fix)
