"""Chinese numerals, as the formats [DBNum1], [DBNum2] and [DBNum3] write them."""

from __future__ import annotations

_DIGITS = ("", "〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖", "０１２３４５６７８９")
_UNITS = (("", "", "", ""), ("", "十", "百", "千"), ("", "拾", "佰", "仟"), ("", "十", "百", "千"))
_MYRIADS = ("", "万", "亿", "万亿")


def digit_text(text: str, style: int) -> str:
    """Every figure of a text by its numeral: 2024 is 二〇二四."""
    return text.translate(str.maketrans("0123456789", _DIGITS[style])) if style else text


def counting_text(text: str, style: int) -> str:
    """A number as it is counted: 123.5 is 一百二十三.五; past sixteen figures by its figures alone."""
    whole, point, rest = text.partition(".")
    if not style or len(whole) > 4 * len(_MYRIADS):
        return digit_text(text, style)
    return _whole(whole.lstrip("0"), style) + point + digit_text(rest, style)


def day_text(number: int, style: int) -> str:
    """A month or a day: 12 is 十二, where a number of its own would be 一十二."""
    found = counting_text(str(number), style)
    return found[1:] if style == 1 and 10 <= number < 20 else found


def _whole(figures: str, style: int) -> str:
    zero = _DIGITS[style][0]
    if not figures:
        return zero
    groups = [figures[max(0, end - 4) : end] for end in range(len(figures), 0, -4)][::-1]
    found, gap = "", False
    for number, group in enumerate(groups):
        if not group.strip("0"):
            gap = bool(found)
            continue
        gap = gap or (bool(found) and group[0] == "0")
        found += (zero if gap else "") + _group(group.lstrip("0"), style) + _MYRIADS[len(groups) - number - 1]
        gap = False
    return found


def _group(figures: str, style: int) -> str:
    """Up to four figures, of which the first is not 0."""
    found, gap = "", False
    for number, figure in enumerate(figures):
        if figure == "0":
            gap = True
            continue
        found += _DIGITS[style][0] if gap else ""
        found += _DIGITS[style][int(figure)] + _UNITS[style][len(figures) - number - 1]
        gap = False
    return found
