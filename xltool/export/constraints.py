"""Checks whether a value fits a column of the platform, that is, whether its import would refuse the value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from xltool.export.platform import Platform, PlatformElement
from xltool.language.numbers import normalize
from xltool.support.i18n import tr

#: The key of a refusal, and the texts for the placeholders of its message.
Misfit = tuple[str, Mapping[str, str]]

#: A target that is a number, with or without an operator before it.
_QUANTITY = re.compile(r"\s*(?:[≥≧≤≦=＝═﹦><＞＜±]|>=|<=)?\s*[-+]?[0-9０-９]")

#: Texts that begin like a formula but are numbers with a sign or operator: ``=100%``, ``-5``, ``+10%``.
_NUMBER = re.compile(r"[=+\-]\s*[0-9.]+\s*[%‰]?[^0-9A-Za-z(+\-*/=@!|&]*")
_FORMULA = ("=", "+", "-", "@")

_NAMES = {" ": ("空格", "space"), "\u3000": ("全角空格", "wide space"), "\n": ("换行", "line break")}


def unfit_values(value: str | Decimal, element: PlatformElement, platform: Platform) -> Iterator[Misfit]:
    """Yield what the platform's import refuses in a value; nothing if it fits."""
    if isinstance(value, Decimal):
        yield from _number(value, element)
    else:
        yield from _text(value, element, platform)


def is_lettered(target: str | None, actual: str | None) -> bool:
    """Whether the actual value of an indicator with a numeric target contains Latin letters."""
    return bool(target and actual and _QUANTITY.match(target) and re.search("[A-Za-zＡ-Ｚａ-ｚ]", actual))


def _number(value: Decimal, element: PlatformElement) -> Iterator[Misfit]:
    digits, exponent = normalize(value).as_tuple()[1:]
    assert isinstance(exponent, int)  # records know no NaN
    size, scale = element.size, element.scale
    if size is not None and scale is not None and len(digits) + exponent > size - scale:
        yield "too_large", {"most": element.type}
    if scale is not None and -exponent > scale:
        yield "too_precise", {"scale": str(scale)}


def _text(value: str, element: PlatformElement, platform: Platform) -> Iterator[Misfit]:
    by_bytes = platform.length == "bytes"
    count = len(value.encode("utf-8")) if by_bytes else len(value)
    if element.size is not None and count > element.size:
        measure = tr("个字节", "bytes") if by_bytes else tr("个字符", "characters")
        yield "too_long", {"count": str(count), "measure": measure, "most": str(element.size)}
    if value.strip().upper() == "NULL":
        yield "null", {}
    special = [letter for letter in platform.special if letter in value]
    if special:
        named = (tr(*_NAMES[letter]) if letter in _NAMES else letter for letter in special)
        yield "special", {"found": tr("、", ", ").join(named)}
    if value.startswith(_FORMULA) and not _NUMBER.fullmatch(value):
        yield "formula", {"found": value[0]}
