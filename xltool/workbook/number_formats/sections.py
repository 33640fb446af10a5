"""Parse a format code into up to four sections, each with its condition and tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

#: Kinds of tokens. Lower-case letters are parts of a date: y, m, d, h, s, a, e; and those that follow.
LITERAL, ROOM, DIGIT, POINT, COMMA, PERCENT, EXPONENT, SLASH, GENERAL, TEXT, HALF, ELAPSED, FRACTION = (
    "literal", "room", "0", ".", ",", "%", "E", "/", "G", "@", "half", "elapsed", "fraction")  # fmt: skip

_MOMENT = frozenset(("y", "m", "d", "h", "s", "a", "e", HALF, ELAPSED))

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_(?P<room>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]|(?P<end>;)'
    r"|(?P<general>General|G/通用格式|GENERAL|general)|(?P<half>AM/PM|am/pm|A/P|a/p|上午/下午)"
    r"|(?P<exponent>[Ee][+-])|(?P<date>[yY]+|[mM]+|[dD]+|[hH]+|[sS]+|[aA]{3,4}|[eE]+)|(?P<special>[0#?.,%/@])|(?P<other>.)",
    re.DOTALL,
)
_CONDITION = re.compile(r"\s*(<=|>=|<>|<|>|=)\s*([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)\s*")
_MONEY = re.compile(r"\$([^-]*)(?:-(.*))?")
_HEX = re.compile(r"(?:.*,)?([0-9A-Fa-f]{1,8})")

#: Locales with Chinese dates and half-days, and the pseudo-locales of the system's long date and time.
_CHINESE = frozenset((0x004, 0x404, 0x804, 0xC04, 0x1004, 0x1404, 0x7804, 0x7C04))
#: Numeral shapes in the first byte of a locale, with the number of [DBNum1], [DBNum2] or [DBNum3].
_NUMERALS = {0x1E: 1, 0x1F: 2, 0x20: 3, 0x21: 1, 0x22: 2, 0x23: 3}
_LONG_DATE, _LONG_TIME = 0xF800, 0xF400


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a section: its kind and its text."""

    kind: str
    text: str


@dataclass
class Section:
    """One section of a code.

    Attributes:
        tokens: the tokens in order.
        condition: operator and number; None if the code has none.
        numerals: 1, 2 or 3 for [DBNum1], [DBNum2] or [DBNum3]; otherwise 0.
        chinese: whether its locale is Chinese.
    """

    tokens: list[Token] = field(default_factory=list)
    condition: tuple[str, Decimal] | None = None
    numerals: int = 0
    chinese: bool = False

    @property
    def is_moment(self) -> bool:
        """Whether it displays a date or a time."""
        kinds = [token.kind for token in self.tokens]
        figures = any(token.kind == DIGIT and token.text != "0" for token in self.tokens)
        return any(kind in _MOMENT for kind in kinds) and not figures and GENERAL not in kinds

    @property
    def is_text(self) -> bool:
        """Whether it has a placeholder for text."""
        return any(token.kind == TEXT for token in self.tokens)

    @property
    def literals(self) -> str:
        """The literal text that it prints."""
        return "".join(token.text for token in self.tokens if token.kind == LITERAL)


def parse_sections(code: str) -> list[Section]:
    """Parse a code into its sections. Any text is a code: whatever has no meaning is a literal."""
    sections = [Section()]
    for match in _TOKEN.finditer(code):
        if match["end"]:
            sections.append(Section())
        elif match["bracket"] is not None:
            sections[-1].tokens += _parse_bracket(match["bracket"], sections[-1])
        else:
            sections[-1].tokens.append(_parse_token(match))
    for section in sections:
        _resolve_context(section)
    return sections[:4]


def _parse_token(match: re.Match[str]) -> Token:
    match match.lastgroup:
        case "quoted":
            return Token(LITERAL, match["quoted"])
        case "room":
            return Token(ROOM, match["room"])
        case "fill":
            return Token(ROOM, "")
        case "general":
            return Token(GENERAL, match[0])
        case "half":
            return Token(HALF, match[0])
        case "exponent":
            return Token(EXPONENT, match[0])
        case "date":
            return Token(match[0][0].lower(), match[0].lower())
        case "special":
            return Token(DIGIT if match[0] in "0#?" else match[0], match[0])
    return Token(LITERAL, match["escaped"] or match[0])


def _parse_bracket(text: str, section: Section) -> Iterator[Token]:
    """Parse the contents of square brackets; colours and unknown contents print nothing."""
    lower = text.lower()
    if condition := _CONDITION.fullmatch(text):
        section.condition = (condition[1], Decimal(condition[2])) if _is_number(condition[2]) else None
    elif lower and set(lower) in ({"h"}, {"m"}, {"s"}):
        yield Token(ELAPSED, lower)
    elif lower.startswith("dbnum") and lower[5:] in ("1", "2", "3"):
        section.numerals = int(lower[5:])
    elif money := _MONEY.fullmatch(text):
        if money[1]:
            yield Token(LITERAL, money[1])
        yield from _parse_locale(money[2] or "", section)


def _parse_locale(tag: str, section: Section) -> Iterator[Token]:
    """Apply a locale, by number or name: whether it is Chinese, its numerals, the system's long formats."""
    number = _HEX.fullmatch(tag)
    locale = int(number[1], 16) if number else 0
    section.chinese |= locale & 0xFFFF in _CHINESE or tag.lower().startswith("zh")
    section.numerals = _NUMERALS.get(locale >> 24, section.numerals)
    if locale & 0xFFFF == _LONG_DATE or tag.lower().startswith("x-sysdate"):
        yield Token("system", "date")
    elif locale & 0xFFFF == _LONG_TIME or tag.lower().startswith("x-systime"):
        yield Token("system", "time")


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except ArithmeticError:
        return False


_SYSTEM = {"date": 'yyyy"年"m"月"d"日"', "time": "h:mm:ss"}


def _resolve_context(section: Section) -> None:
    """Resolve tokens that depend on others: system formats, fractions of seconds, letters outside of dates."""
    system = next((token.text for token in section.tokens if token.kind == "system"), "")
    section.tokens = [token for token in section.tokens if token.kind != "system"]
    if system and section.is_moment:
        section.tokens = parse_sections(_SYSTEM[system])[0].tokens
    elif section.is_moment:
        section.tokens = list(_moment_tokens(section.tokens))
    else:
        section.tokens = [Token(LITERAL, token.text) if token.kind in _MOMENT else token for token in section.tokens]


def _moment_tokens(tokens: list[Token]) -> Iterator[Token]:
    """A point and zeros after seconds are their fraction; other tokens of numbers are literals."""
    at, seconds = 0, False
    while at < len(tokens):
        token = tokens[at]
        end = at + 1
        while token.kind == POINT and seconds and end < len(tokens) and tokens[end].kind == DIGIT:
            end += 1
        if end > at + 1:
            yield Token(FRACTION, "0" * (end - at - 1))
        elif token.kind in _MOMENT or token.kind in (ROOM, TEXT):
            yield token
        else:
            yield Token(LITERAL, token.text)
        seconds = seconds or token.text[:1] == "s"
        at = end
