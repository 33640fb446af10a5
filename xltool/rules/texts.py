"""Fills the texts of a rule that are the same for every finding with the values of the form they are shown for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from xltool.form.binding import LABEL, ROLE
from xltool.form.kinds import percent_text
from xltool.language import tree
from xltool.language.numbers import decimal_text, round_half_up
from xltool.language.parse import LanguageError, parse
from xltool.result.roles import ROLE_NAMES
from xltool.rules.expressions import Expressions, NotOnThisForm
from xltool.rules.rule import Case, Rule, fill_placeholders
from xltool.support.errors import WrongDefinition

#: Small numbers as they are said before a measure word.
_NUMERALS = "零一两三四五六七八九十"


def with_form_texts(rule: Rule, expressions: Expressions, file: str) -> Rule:
    """The rule with its texts filled in: parameters, and labels of fields by role (``{means.budget.label}``).

    Raises:
        WrongDefinition: a text names something that has no one value on a form.
    """

    def fill(key: str) -> Callable[[str], str]:
        def value(name: str, how: str) -> str:
            try:
                return _constant(parse(name, expressions.scope_of_texts(rule)), how)
            except NotOnThisForm:
                return _word_of_role(name)
            except LanguageError as error:
                raise WrongDefinition(file, f"{rule.id}.{key}", f"{error}；这里只能用参数和 means.用途.label") from None

        return lambda text: fill_placeholders(text, value)

    cases = tuple(_with_remedies(case, fill(f"case[{number}].fix")) for number, case in enumerate(rule.cases, 1))
    return replace(
        rule,
        name=fill("name")(rule.name),
        name_en=fill("name_en")(rule.name_en),
        why=fill("why")(rule.why),
        why_en=fill("why_en")(rule.why_en),
        basis=fill("basis")(rule.basis),
        cases=cases,
    )


def _with_remedies(case: Case, fill: Callable[[str], str]) -> Case:
    return case if case.key else replace(case, fix=fill(case.fix), fix_en=fill(case.fix_en))


def _constant(node: tree.Node, how: str) -> str:
    """The text of a parameter or a label."""
    match node:
        case tree.Number(value):
            return format_value(value, how)
        case tree.Text(value):
            return value
    raise LanguageError("各张表的值不同")


def _word_of_role(name: str) -> str:
    """The word for a role that the form lacks: the rule is not applicable, yet its texts are listed."""
    role = name.removeprefix(ROLE).removesuffix(LABEL)
    return ROLE_NAMES[role][0] if role in ROLE_NAMES else name


def format_value(value: Decimal | str | bool, how: str) -> str:
    """A value in the given format."""
    if not isinstance(value, Decimal):
        return str(value)
    match how:
        case "percent":
            return percent_text(round_half_up(value, 4))
        case "points":
            return decimal_text(round_half_up(value, 2))
        case "numeral" if value == int(value) and 0 <= value < len(_NUMERALS):
            return _NUMERALS[int(value)]
        case _:
            return decimal_text(round_half_up(value, 9))
