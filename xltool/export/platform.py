"""The budget platform's tables: ``platform.toml`` as frozen values, rejected if anything in it is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from xltool.result.roles import Roles
from xltool.support import resources
from xltool.support.errors import WrongDefinition
from xltool.support.i18n import tr

#: The file in the folder of templates; a bureau's own is merged over it.
FILE = "platform.toml"

#: The placeholders allowed in the message of a refusal, by its key; none for the others.
_OPEN = {
    "too_long": {"count", "measure", "most"}, "too_large": {"most"}, "too_precise": {"scale"}, "special": {"found"},
    "formula": {"found"}, "twice": {"found"}, "copy": {"found"}, "earlier": {"found"}, "other_year": {"found", "years"},
    "last_year": {"found"},
}  # fmt: skip

_TYPE = re.compile(r"(VARCHAR|NUMBER)(?:\((\d+)(?:,(\d+))?\))?")


@dataclass(frozen=True)
class PlatformElement:
    """One column of a table of the platform.

    Attributes:
        name: its name on the platform.
        meaning: its label.
        type: its declared type, such as ``NUMBER(18,2)``.
        key: the kind of key it is: of the form, of the row, or of what was approved; "" for no key.
        sources: the roles of its values, or their keys in the record; several are concatenated.
        minus: the same of a value that is subtracted.
        roster: the column of the roster to use if the record has no value.
        measure: money (converted to yuan), rate, or "".
        blank: the value stored for a blank.
        needed: the refusal for a blank; "" if it may be blank.
        guess: what is assumed about it; "" for nothing.
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
        assert match is not None, self.type  # ensured by the schema
        return (int(match[2]) if match[2] else None, int(match[3]) if match[3] else None)

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers."""
        return self.type.startswith("NUMBER")

    @property
    def size(self) -> int | None:
        """The greatest length of a text, or the most digits; None if unknown."""
        return self._size[0]

    @property
    def scale(self) -> int | None:
        """The most decimals of a number; None if unknown."""
        return self._size[1]


@dataclass(frozen=True)
class PlatformTable:
    """A table of the platform: one row per form, indicator or source of funds."""

    name: str
    meaning: str
    each: str
    elements: tuple[PlatformElement, ...]

    @cached_property
    def sources(self) -> frozenset[str]:
        """All values in the record that its rows take."""
        return frozenset(name for element in self.elements for name in element.sources)

    def for_form(self, roles: Roles) -> PlatformTable:
        """The table with keys of the record in the place of roles, for a form with these roles."""
        elements = (
            replace(
                element,
                sources=tuple(self._key(name, roles) for name in element.sources),
                minus=self._key(element.minus, roles),
            )
            for element in self.elements
        )
        return replace(self, elements=tuple(elements))

    def _key(self, name: str, roles: Roles) -> str:
        """The key of a value of a row by its role; any other name is a key already."""
        block, *rest = (roles.path(name) or "").split(".")
        if self.each == "form":
            return name if not block or block in roles.tables else ".".join([block, *rest])
        return rest[-1] if rest and block == roles.path(self.each) else name


@dataclass(frozen=True)
class Refusal:
    """Something that the platform refuses: the rule that reports it, and its texts."""

    key: str
    rule: str
    level: str
    message: str
    fix: str


@dataclass(frozen=True)
class Platform:
    """The tables of a platform, and its conventions.

    Attributes:
        length: whether lengths are in ``characters`` or ``bytes``.
        rate: whether rates are stored as ``ratio`` or ``percent``.
        special: characters that its import may refuse.
        unglued: values that are skipped when values are concatenated, such as 定性.
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
    """Load the platform's tables, with the changes in the folders of XLTOOL_TEMPLATES.

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
    for key, refusal_table in table["refuses"].items():
        for name in ("message", "message_en"):
            for placeholder in {*re.findall(r"\{(\w+)\}", refusal_table[name])} - _OPEN.get(key, set()):
                raise WrongDefinition(str(files[0]), f"refuses.{key}.{name}", f"这里没有 {{{placeholder}}}")
    return Platform(
        table["name"], table["basis"], **{**table["params"], "unglued": tuple(table["params"]["unglued"])},
        tables=tuple(_table(name, refusal_table) for name, refusal_table in table["tables"].items()),
        refusals={key: _refusal(key, refusal_table) for key, refusal_table in table["refuses"].items()},
    )  # fmt: skip


def _table(name: str, table: resources.Table) -> PlatformTable:
    elements = tuple(_element(column, values) for column, values in table["elements"].items())
    return PlatformTable(name, table["name"], table["each"], elements)


def _element(name: str, table: resources.Table) -> PlatformElement:
    texts = {key: table.get(key, "") for key in ("type", "key", "minus", "roster", "blank", "needed", "guess")}
    return PlatformElement(
        name, table["name"], sources=tuple(table.get("from", ())), measure=table.get("as", ""), **texts
    )


def _refusal(key: str, table: resources.Table) -> Refusal:
    message, fix = tr(table["message"], table["message_en"]), tr(table["fix"], table["fix_en"])
    return Refusal(key, table.get("rule", ""), table["level"], message, fix)
