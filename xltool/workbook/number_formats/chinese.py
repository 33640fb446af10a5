"""Chinese numerals, for the formats [DBNum1], [DBNum2] and [DBNum3]."""

from __future__ import annotations

_DIGITS = ("", "〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖", "０１２３４５６７８９")
_UNITS = (("", "", "", ""), ("", "十", "百", "千"), ("", "拾", "佰", "仟"), ("", "十", "百", "千"))
_MYRIADS = ("", "万", "亿", "万亿")


def digit_text(text: str, style: int) -> str:
    """Replace every digit of a text by its numeral: 2024 becomes 二〇二四."""
    return text.translate(str.maketrans("0123456789", _DIGITS[style])) if style else text


def counting_text(text: str, style: int) -> str:
    """Write a number as it is counted: 123.5 becomes 一百二十三.五; beyond sixteen digits, digit by digit."""
    whole, point, rest = text.partition(".")
    if not style or len(whole) > 4 * len(_MYRIADS):
        return digit_text(text, style)
    return _integer_text(whole.lstrip("0"), style) + point + digit_text(rest, style)


def day_text(number: int, style: int) -> str:
    """Write a month or a day: 12 becomes 十二, although the number 12 is 一十二."""
    text = counting_text(str(number), style)
    return text[1:] if style == 1 and 10 <= number < 20 else text


def _integer_text(digits: str, style: int) -> str:
    zero = _DIGITS[style][0]
    if not digits:
        return zero
    groups = [digits[max(0, end - 4) : end] for end in range(len(digits), 0, -4)][::-1]
    text, gap = "", False
    for number, group in enumerate(groups):
        if not group.strip("0"):
            gap = bool(text)
            continue
        gap = gap or (bool(text) and group[0] == "0")
        text += (zero if gap else "") + _group_text(group.lstrip("0"), style) + _MYRIADS[len(groups) - number - 1]
        gap = False
    return text


def _group_text(digits: str, style: int) -> str:
    """Write up to four digits, of which the first is not 0."""
    text, gap = "", False
    for number, digit in enumerate(digits):
        if digit == "0":
            gap = True
            continue
        text += _DIGITS[style][0] if gap else ""
        text += _DIGITS[style][int(digit)] + _UNITS[style][len(digits) - number - 1]
        gap = False
    return text
