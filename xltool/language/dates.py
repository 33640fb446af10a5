"""Functions on dates and deadlines in texts. They have no Excel formula."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from xltool.language.functions import CELL, NUMBER, TEXT, WORDS, Function, NoAnswer, Value, as_text
from xltool.language.numbers import without_spaces
from xltool.language.types import Type
from xltool.support.memo import memo

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:年|[-./]\d)")
_DATE = re.compile(
    r"(?:于)?(?:(?P<year>(?:19|20)\d\d)年度?)?(?:(?:\d{1,2}月)?(?:\d{1,2}日)?(?:-|—|至|~|～)+)?"
    r"(?:(?P<later>(?:19|20)\d\d)年)?(?P<month>\d{1,2})月(?:份)?(?:(?P<day>\d{1,2})日)?(?:上旬|中旬|下旬|初|底|末)?(?:之?以?前)?"
    r"(?:全部)?(?:已)?(?:完成|完工|竣工|交付|验收)?"
)
#: A deadline without a month: the end of a year, a half-year, a quarter.
_TERM = re.compile(
    r"(?:在|于|到|至|截至|截止)?(?:(?P<year>(?:19|20)\d\d)年度?)?"
    r"(?:(?P<half>上半年)|(?:第?(?P<quarter>[一二三四1-4])季度)|(?P<end>下半年|全年|年?[底末内]|(?<=年)前))"
    r"(?:之?以?[前内])?(?:全部)?(?:完成|完工|竣工|交付|验收)?"
)
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}

#: Text whose years are not deadlines: titles of plans, numbers of documents.
_TITLES = re.compile(r"《[^》]*》|〔[^〕]*〕|[(\[（](?:19|20)\d\d[)\]）]")
_BEFORE = re.compile(r"^(?:截至|截止|至|到|于|在)")
_WHOLE_YEAR = re.compile(
    r"(?P<year>(?:19|20)\d\d)(?:年?(?:度|全年|[底末初]|上半年|下半年)?|年\d{1,2}月?[-—~至]+\d{1,2}月份?|(?P<s>[-./])\d{1,2}(?:(?P=s)\d{1,2})?)"
)
_CHINESE_YEAR = re.compile(r"(?<![一-九])[一二][〇○零九][〇○零一二三四五六七八九]{2}(?=年)")
#: A day in digits: 2024/12/31, 2024-12-31, 2024.12.31; with the midnight with which a date without a time is stored.
_FIGURES = re.compile(r"((?:19|20)\d\d)([-/.])(\d{1,2})\2(\d{1,2})(?:\s+0?0:00(?::00)?)?(?![\d:])")
_CHINESE_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")

#: A year with what may come between it and the word that makes it a deadline. Two digits are a year if a month or an
#: end follows.
_DATED = (
    r"(?<![\d.])(?:(?P<year>(?:19|20)\d\d)(?:年度?|(?=[-./]\d))|(?P<short>1[5-9]|2\d|3[0-5])年(?=\d{1,2}月|[底末]))"
    r"[-./]?(?:\d{1,2}(?:月份?|[-./]|(?=\D)))?(?:\d{1,2}[日号]?)?"
    r"(?:全年|上半年|下半年|第?[一二三四1-4]季度|上旬|中旬|下旬)?年?月?[初底末]?"
)


def _plain(text: Value) -> str:
    """Normalise a text: half width, no white space, Chinese years as digits, dates as 年月日."""
    plain = without_spaces(_FIGURES.sub(r"\1年\3月\4日", unicodedata.normalize("NFKC", as_text(text))))
    return _CHINESE_YEAR.sub(lambda match: match[0].translate(_CHINESE_DIGITS), plain)


def _year_named(text: Value) -> Decimal:
    years = _YEAR.findall(_plain(text))
    if not years:
        raise NoAnswer
    return Decimal(years[-1])


def _year_due(text: Value, ends: tuple[str, ...], against: tuple[str, ...]) -> Decimal:
    """The last year that a text names as a deadline or date, not for comparison or in the title of a document."""
    plain = _BEFORE.sub("", _TITLES.sub("", _plain(text)).rstrip("。.;；"))
    if (date := _DATE.fullmatch(plain)) and (year := date["later"] or date["year"]):
        return Decimal(year)
    if whole := _WHOLE_YEAR.fullmatch(plain):
        return Decimal(whole["year"])
    years = [
        int(match["year"] or f"20{match['short']}")
        for match in _due(ends).finditer(plain)
        if not plain[: match.start()].endswith(against)
    ]
    if not years:
        raise NoAnswer
    return Decimal(max(years))


@memo(16)
def _due(ends: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern for a year, or a date in it, before one of ``ends`` (前, 完成 …) that is not part of a quantity."""
    words = "|".join(map(re.escape, sorted(ends, key=len, reverse=True)))
    return re.compile(f"{_DATED}(?:{words})(?![的数值率量额后])")


def _other_year(text: Value, year: Value, ends: tuple[str, ...], against: tuple[str, ...]) -> bool:
    """Whether a text names a deadline in another year; False if it names none."""
    try:
        return isinstance(year, Decimal) and _year_due(text, ends, against) != year
    except NoAnswer:
        return False


#: How a goal for a whole year begins: 到2022年底，; 2022年计划.
_PLANNED = re.compile(
    r"(?:^|[，,。；;、\n])(?:到|至|截至|截止|在|于|力争|争取|确保|计划)*"
    r"(?<![\d.])(?:(?:19|20)\d\d)(?:年度?[底末](?:[，,](?!已)|之?前|以前)|年度?(?:内|拟|将要|将(?!于)|预计|力争|计划(?!的|中)|绩效目标|总体目标|工作目标|目标[:：是为]))"
)
_ANY_YEAR = re.compile(r"(?<![\d.])((?:19|20)\d\d)(?=年|[-—~至]|[-./]\d)")
_THIS_YEAR = ("本年", "今年", "当年", "本期")


def _year_planned(text: Value) -> Decimal:
    """The last year that a goal names, if the goal is about a whole year."""
    plain = _TITLES.sub("", _plain(text))
    if not _PLANNED.search(plain) or any(word in plain for word in _THIS_YEAR):
        raise NoAnswer
    return Decimal(max(map(int, _ANY_YEAR.findall(plain))))


def _deadline(text: Value, year: Decimal) -> Decimal:
    """The month of a deadline as a number that can be compared: 2020年9月前 is 202009."""
    match = _DATE.fullmatch(_plain(text))
    if match is None or not 1 <= int(match["month"]) <= 12:
        raise NoAnswer
    return Decimal(int(match["later"] or match["year"] or year) * 100 + int(match["month"]))


def _term(text: Value, year: Decimal) -> Decimal:
    """As ``_deadline``, but also for the end of the year, a half-year or a quarter."""
    plain = _plain(text).rstrip("。.;；")
    match = _TERM.fullmatch(plain)
    if match is None:
        return _deadline(plain, year)
    quarter = match["quarter"]
    month = 6 if match["half"] else 12 if quarter is None else 3 * int(_QUARTERS.get(quarter, quarter))
    return Decimal(int(match["year"] or year) * 100 + month)


DATES: tuple[Function, ...] = (
    Function("year_named", (TEXT,), Type.NUMBER, _year_named, None, "{0}里写的年份"),
    Function(
        "year_due", (TEXT, WORDS, WORDS), Type.NUMBER, _year_due, None,
        "{0}里作为期限或日期写的年份（后面是{1}一类的词，前面不是{2}）",
    ),
    Function(
        "other_year", (TEXT, CELL, WORDS, WORDS), Type.TRUTH, _other_year, None,
        "{0}里作为期限或日期写的年份不是{1}（后面是{2}一类的词，前面不是{3}）", takes_blank=True,
    ),
    Function("year_planned", (TEXT,), Type.NUMBER, _year_planned, None, "{0}整个所说的年份（到某年底、某年计划）"),
    Function("deadline", (TEXT, NUMBER), Type.NUMBER, _deadline, None, "{0}所说的月份（没有写年份的，按{1}年）"),
    Function(
        "term", (TEXT, NUMBER), Type.NUMBER, _term, None,
        "{0}所说的期限（月份、季度、半年、年底；没有写年份的，按{1}年）",
    ),
)  # fmt: skip
