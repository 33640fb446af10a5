"""Cell styles, as far as reading needs them: the number format, whether it is a date, whether the cell is locked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from xltool.read.limits import Limits
from xltool.read.xml import MAIN, Attributes, Part, Start, remembered

#: The format codes that a file does not spell out. 27 to 58 are Chinese: dates, and times with 上午/下午.
BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: '"$"#,##0_);("$"#,##0)',
    6: '"$"#,##0_);[Red]("$"#,##0)', 7: '"$"#,##0.00_);("$"#,##0.00)', 8: '"$"#,##0.00_);[Red]("$"#,##0.00)',
    9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm",
    17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm",
    27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 29: 'm"月"d"日"', 30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"', 34: '上午/下午h"时"mm"分"', 35: '上午/下午h"时"mm"分"ss"秒"',
    36: 'yyyy"年"m"月"', 37: "#,##0_);(#,##0)", 38: "#,##0_);[Red](#,##0)", 39: "#,##0.00_);(#,##0.00)",
    40: "#,##0.00_);[Red](#,##0.00)", 41: '_(* #,##0_);_(* \\(#,##0\\);_(* "-"_);_(@_)',
    42: '_("$"* #,##0_);_("$"* \\(#,##0\\);_("$"* "-"_);_(@_)',
    43: '_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)',
    44: '_("$"* #,##0.00_)_("$"* \\(#,##0.00\\)_("$"* "-"??_)_(@_)', 45: "mm:ss", 46: "[h]:mm:ss", 47: "mmss.0",
    48: "##0.0E+0", 49: "@", 50: 'yyyy"年"m"月"', 51: 'm"月"d"日"', 52: 'yyyy"年"m"月"', 53: 'm"月"d"日"',
    54: 'm"月"d"日"', 55: '上午/下午h"时"mm"分"', 56: '上午/下午h"时"mm"分"ss"秒"',
    57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
}  # fmt: skip

# Literal text, escaped letters, fill letters, colours and conditions say nothing about dates; [h] does.
_BESIDE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!(?:h+|m+|s+)\])[^\]]*\]')


@dataclass(frozen=True, slots=True)
class Style:
    """What the style of a cell says about its value.

    Attributes:
        number_format: the format code.
        date: whether a number so formatted is a date or a time.
        elapsed: whether it is a length of time, as [h]:mm is.
        locked: whether the cell is locked once its sheet is protected.
    """

    number_format: str = "General"
    date: bool = False
    elapsed: bool = False
    locked: bool = True


DEFAULT = Style()


@lru_cache(maxsize=1024)
def _style(number_format: str, locked: bool) -> Style:
    first = _BESIDE.sub("", number_format.partition(";")[0]).lower()
    date = bool(re.search(r"[dhysm]", first)) and not re.search(r"general|e\+|[#?]", first)
    return Style(number_format, date, date and bool(re.search(r"\[[hms]+\]", first)), locked)


@remembered
def styles(name: str, data: bytes, limits: Limits) -> tuple[Style, ...]:
    """The styles that cells refer to by number.

    Raises:
        Unreadable: damaged, or past a limit.
    """
    codes: dict[int, str] = {}
    found: list[tuple[int, bool]] = []
    within = ""  # differential styles have formats and protections too

    def enter(where: str) -> None:
        nonlocal within
        within = where

    def number_format(attributes: Attributes) -> None:
        if within == "numFmts" and (number := whole(attributes.get("numFmtId"))) is not None:
            codes[number] = attributes.get("formatCode", "General")

    def style(attributes: Attributes) -> None:
        if within == "cellXfs":
            found.append((whole(attributes.get("numFmtId")) or 0, True))

    def protection(attributes: Attributes) -> None:
        if within == "cellXfs" and found:
            found[-1] = (found[-1][0], truth(attributes.get("locked"), True))

    part = Part(name, limits)
    starts: dict[str, Start] = {MAIN + "numFmt": number_format, MAIN + "xf": style, MAIN + "protection": protection}
    starts |= {MAIN + "numFmts": lambda _: enter("numFmts"), MAIN + "cellXfs": lambda _: enter("cellXfs")}
    part.on(
        MAIN + "styleSheet", starts, {MAIN + "numFmts": lambda: enter(""), MAIN + "cellXfs": lambda: enter("")}
    ).parse(data)
    return tuple(_style(codes.get(number) or BUILT_IN.get(number, "General"), locked) for number, locked in found)


def whole(text: str | None) -> int | None:
    """A whole number of up to nine digits; None for anything else."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def truth(text: str | None, default: bool = False) -> bool:
    """An attribute that is true or false: 1, true, on; 0, false, off."""
    return default if text is None else text.strip() in ("1", "true", "on")
