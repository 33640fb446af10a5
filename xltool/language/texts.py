"""Texts as every room keeps them: plain line feeds, nothing blank at the ends, nothing that a cell cannot hold."""

from __future__ import annotations

import re
import unicodedata

#: A cell holds so many code units of text.
MOST_IN_CELL = 32_767

#: What no text of a workbook may hold: control characters but line feeds, and what XML cannot carry.
_UNFIT = re.compile("[\0-\x09\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

# str.strip() alone would leave U+200B, which a browser's copy and paste brings along.
_BLANK = "".join(
    map(chr, [*range(33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200C), 0x2028, 0x2029, 0x202F, 0x205F, 0x2060])
)
_BLANK += "\u3000\ufeff\u00ad"
# Nor would it leave marks of direction, joiners and fillers, alone in a cell that looks blank.
_BLANK += "".join(map(chr, [*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x2061, 0x2070), 0x61C, 0x180E]))
_BLANK += "\u115f\u1160\u2800\u3164\uffa0"

#: What the record keeps of no text: control characters but line feeds.
_DROPPED = re.compile("[\0-\x09\x0b-\x1f\x7f]+")


def clean(text: str) -> str:
    """A text as the record keeps it: plain line feeds, no control characters, nothing blank at the ends."""
    return _DROPPED.sub("", with_line_feeds(text)).strip(_BLANK)


#: What takes no room, wherever it stands: soft hyphens, joiners, zero-width blanks, marks of direction, variants.
_NO_ROOM = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)

#: Radicals that stand for characters in texts copied out of a PDF, each with the character that it looks like: the
#: block from U+2E80, by Unicode's EquivalentUnifiedIdeograph.txt. NFKC knows the other block, from U+2F00.
_RADICALS = str.maketrans(
    "⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺳⺴⺵⺶⺷⺸⺹⺺"
    "⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
    "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑𫜹忄心扌攵旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀"
    "聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
)
_RADICAL = re.compile("[\u2e80-\u2ef3]")


def fold_width(text: str) -> str:
    """A text as it looks, for comparing: NFKC, no letters that take no room, characters for their radicals."""
    text = unicodedata.normalize("NFKC", text)
    text = _NO_ROOM.sub("", text)
    return text.translate(_RADICALS) if _RADICAL.search(text) else text


#: What else ends a line: a carriage return, and the separators of lines and paragraphs.
_LINE_ENDS = ("\r\n", "\r", "\u2028", "\u2029")


def with_line_feeds(text: str) -> str:
    """A text whose lines end as they do in a cell."""
    for end in _LINE_ENDS:
        text = text.replace(end, "\n")
    return text


def unfit_characters(text: str) -> str:
    """The first character that no cell can hold; "" when there is none."""
    found = _UNFIT.search(text)
    return found[0] if found else ""


def text_units(text: str) -> int:
    """The length of a text as a cell counts it: characters beyond U+FFFF count twice."""
    return len(text) + sum(letter > "\uffff" for letter in text)
