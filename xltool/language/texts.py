"""Normalise texts: line feeds only, no surrounding blanks, no characters that a cell cannot hold."""

from __future__ import annotations

import re
import unicodedata

#: The most UTF-16 code units in a cell.
MOST_IN_CELL = 32_767

#: Characters that no text of a workbook may contain: control characters except line feeds, and those invalid in XML.
_UNFIT = re.compile("[\0-\x09\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

# str.strip() alone would leave U+200B, which comes along with text copied from a browser.
_BLANK = "".join(
    map(chr, [*range(33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200C), 0x2028, 0x2029, 0x202F, 0x205F, 0x2060])
)
_BLANK += "\u3000\ufeff\u00ad"
# Direction marks, joiners and fillers: a cell with nothing else looks blank.
_BLANK += "".join(map(chr, [*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x2061, 0x2070), 0x61C, 0x180E]))
_BLANK += "\u115f\u1160\u2800\u3164\uffa0"

#: Characters removed from texts of the record: control characters except line feeds.
_DROPPED = re.compile("[\0-\x09\x0b-\x1f\x7f]+")


def clean(text: str) -> str:
    """Normalise a text for the record: line feeds only, no control characters, no surrounding blanks."""
    return _DROPPED.sub("", with_line_feeds(text)).strip(_BLANK)


#: Characters of no width: soft hyphens, joiners, zero-width blanks, direction marks, variation selectors.
_ZERO_WIDTH = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)

#: Radicals that replace characters in texts copied from a PDF, each with the character that it looks like: the block
#: from U+2E80, by Unicode's EquivalentUnifiedIdeograph.txt. NFKC already maps the other block, from U+2F00.
_RADICALS = str.maketrans(
    "⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺳⺴⺵⺶⺷⺸⺹⺺"
    "⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
    "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑𫜹忄心扌攵旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀"
    "聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
)
_RADICAL = re.compile("[\u2e80-\u2ef3]")


def fold_width(text: str) -> str:
    """Fold a text for comparison: NFKC, without zero-width characters, radicals replaced by characters."""
    text = unicodedata.normalize("NFKC", text)
    text = _ZERO_WIDTH.sub("", text)
    return text.translate(_RADICALS) if _RADICAL.search(text) else text


#: Line ends other than a line feed: carriage returns, and the separators of lines and paragraphs.
_LINE_ENDS = ("\r\n", "\r", "\u2028", "\u2029")


def with_line_feeds(text: str) -> str:
    """Replace all line ends by line feeds, as in a cell."""
    for end in _LINE_ENDS:
        text = text.replace(end, "\n")
    return text


def unfit_characters(text: str) -> str:
    """The first character that no cell can hold; "" if there is none."""
    match = _UNFIT.search(text)
    return match[0] if match else ""


def text_units(text: str) -> int:
    """The length of a text in UTF-16 code units, as a cell counts it."""
    return len(text) + sum(letter > "\uffff" for letter in text)
