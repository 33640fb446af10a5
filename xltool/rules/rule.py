"""Rules as written in TOML, the checks that they mean on a layout, and the findings that they give."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xltool.form.check_targets import CheckTarget
from xltool.form.parameters import parse_parameter
from xltool.form.places import Place, VariableRowCell
from xltool.result.findings import Finding, usual_actor
from xltool.rules.selectors import Selector, parse_selectors
from xltool.support.i18n import tr

_PLACEHOLDER = re.compile(r"\{([^{}:]+)(?::([a-z]+))?\}")


@dataclass(frozen=True)
class Case:
    """A condition that must hold, with the texts for when it does not, in Chinese and English.

    Attributes:
        validates_input: whether it also limits what can be typed (data validation).
        highlight: whether the cell at fault is coloured; not if a blank form would be full of colour.
        records_only: whether it applies to records alone; in workbooks, P03 reports the same.
        key: the key under which code raises it; "" for a case that is evaluated.
        checked_by: where it is checked; "" for where its rule says; ``python`` for after submission only.
        suppressed_by: the rules that suppress this case alone, in addition to those of its rule.
        printed: whether it applies only to forms that print its place (True) or lack it (False); None for both.
        group_message: the message if several places are at fault for one cause; "" to report each of them.
        each: the kind of item that it is applied to; fields that selectors select have their own.
        selectors: the fields that it is about, by their properties, in addition to ``value``.
        needs: the roles and names without which a form cannot be asked.
        optional: the roles and names that a form may lack: such a field is not filled in, and a case that needs more
            of it is not asked.
        actor: who can mend it.
        review: whether it puts an amount or the identity of the form in doubt, so that a person has to decide.
    """

    level: str
    must: str
    when: str
    at: str
    value: tuple[str, ...]
    message: str
    message_en: str
    fix: str
    fix_en: str
    found: str
    expected: str
    expected_en: str
    validates_input: bool
    highlight: bool
    records_only: bool
    key: str
    actor: str
    review: bool
    checked_by: str = ""
    suppressed_by: tuple[str, ...] = ()
    printed: bool | None = None
    group_message: str = ""
    group_message_en: str = ""
    each: str = "form"
    selectors: tuple[Selector, ...] = ()
    needs: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


@dataclass(frozen=True)
class Example:
    """Changes to the clean example record, by path, and whether the rule then raises a finding."""

    changes: Mapping[str, Any]
    finds: bool


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule of the catalogue.

    Attributes:
        each: the kind of item that it is applied to.
        only: the keys of the items that it is limited to; empty for all.
        checked_by: "" if both formula and Python check it; otherwise where it is checked (schema/rules.schema.json).
        explainable: whether the unit may explain it on the panel.
        why_python: why it has no formula, if ``checked_by`` is ``python``.
        disabled: whether it is applied only to forms that set ``off = false``.
        suppressed_by: the rules whose errors and warnings about the same row suppress it: one cause, one finding.
        silent_after: the rules whose errors and warnings anywhere on the form suppress it, because they put its
            summands in doubt; has no effect in the workbook.
        recomputes: whether it compares computed cells with the expected values, so that P03 need not.
        basis: the regulation or practice it is based on.
    """

    id: str
    name: str
    name_en: str
    why: str
    why_en: str
    each: str
    only: tuple[str, ...]
    checked_by: str
    why_python: str
    disabled: bool
    suppressed_by: tuple[str, ...]
    silent_after: tuple[str, ...]
    params: Mapping[str, Decimal | str | tuple[str, ...]]
    definitions: Mapping[str, str]
    explainable: bool
    recomputes: bool
    basis: str
    cases: tuple[Case, ...]
    examples: tuple[Example, ...]

    def case(self, key: str) -> Case:
        """The case that code raises under this key."""
        return next(case for case in self.cases if case.key == key)


@dataclass(frozen=True, eq=False)
class Check:
    """A case applied to one value: the smallest unit with a verdict.

    Attributes:
        rule: the rule.
        case: its case.
        value: the name of the field that it is about; "" if the case names the place at fault by itself.
        each: the kind of item that it is applied to.
        only: the keys of the items that it is limited to; empty for all.
    """

    rule: Rule
    case: Case
    value: str
    each: str
    only: tuple[str, ...] = ()

    @property
    def at(self) -> str:
        """The name of the cell at fault; "" for a whole group."""
        return self.case.at or self.value


@dataclass(eq=False, slots=True)  # not frozen: each size of a form has thousands, and to freeze them takes the longest
class CheckInstance:
    """A check applied to one item of a layout.

    Attributes:
        number: its column on the sheet ``_check``; lower numbers are worse.
        row: its row on that sheet, which is the row of the form's sheet beside which its verdict is shown.
        check: the check.
        item: the item.
        at: the place at fault if it does not hold.
        suppressed_by: the numbers of the check instances that suppress it: earlier ones of its rule about the same
            place, and those of the rules in ``Rule.suppressed_by`` about the same row.
    """

    number: int
    row: int
    check: Check
    item: CheckTarget
    at: Place
    suppressed_by: tuple[int, ...]

    @property
    def rule(self) -> Rule:
        """The rule."""
        return self.check.rule

    @property
    def in_row(self) -> bool:
        """Whether the place at fault is in the row; explanations of all rows may share one cell of the form."""
        return not self.item.is_row or isinstance(self.at, VariableRowCell)

    @property
    def case(self) -> Case:
        """The case."""
        return self.check.case


def make_finding(
    rule: Rule,
    case: Case,
    render: Callable[[str, str], str],
    path: str,
    cell: str | None,
    label: str,
    found: str | None = None,
    explanation: str | None = None,
) -> Finding:
    """A finding with the texts of a case.

    Args:
        rule: the rule.
        case: its case.
        render: returns the text for a placeholder, from its name and format.
        path: JSON Pointer into the record; "" for the whole record.
        cell: sheet and cell, if there is one.
        label: the label of the place.
        found: the value found, if the case has no text for it.
        explanation: the unit's explanation.
    """
    return Finding(
        rule=rule.id,
        level=case.level,
        path=path,
        cell=cell,
        label=label,
        message=fill_placeholders(tr(case.message, case.message_en), render),
        found=(fill_placeholders(case.found, render) if case.found else found) or None,
        expected=fill_placeholders(tr(case.expected, case.expected_en), render) or None,
        fix=tr(case.fix, case.fix_en),
        basis=rule.basis,
        actor=case.actor,
        explanation=explanation,
        review=case.review,
    )


def parse_rule(rule_id: str, table: Mapping[str, Any]) -> Rule:
    """A rule from its TOML table."""
    cases = tuple(_case(case, table) for case in table["case"])
    examples = tuple(Example(one["set"], one["finds"]) for one in table.get("example", ()))
    return Rule(
        id=rule_id,
        name=table["name"],
        name_en=table["name_en"],
        why=table["why"],
        why_en=table["why_en"],
        each=table.get("each", "form"),
        only=tuple(table.get("only", ())),
        checked_by=table.get("only_in", ""),
        why_python=table.get("why_python", ""),
        disabled=table.get("off", False),
        suppressed_by=tuple(table.get("yields_to", ())),
        silent_after=tuple(table.get("silent_after", ())),
        params={name: parse_parameter(value) for name, value in table.get("params", {}).items()},
        definitions=table.get("let", {}),
        explainable=table.get("explainable", False),
        recomputes=table.get("recomputes", False),
        basis=table["basis"],
        cases=cases,
        examples=examples,
    )


def _case(case: Mapping[str, Any], rule: Mapping[str, Any]) -> Case:
    """A case from its TOML table."""
    text_keys = ("must", "when", "at", "message", "message_en", "fix", "fix_en", "group_message", "group_message_en")
    texts = {key: case.get(key, "") for key in text_keys}
    level = case.get("level", rule.get("level", "error"))
    stated = case if "value" in case or "select" in case else rule  # a case that names its fields names all of them
    return Case(
        level=level,
        value=tuple(stated.get("value", ())),
        selectors=parse_selectors(stated.get("select")),
        each=case.get("each", rule.get("each", "form")),
        needs=(*rule.get("needs", ()), *case.get("needs", ())),
        optional=(*rule.get("optional", ()), *case.get("optional", ())),
        found=case.get("found", ""),
        expected=case.get("expected", ""),
        expected_en=case.get("expected_en", case.get("expected", "")),
        validates_input=case.get("entry", False),
        highlight=case.get("mark", level != "info"),
        records_only=case.get("records_only", False),
        key=case.get("key", ""),
        checked_by=case.get("only_in", "python" if case.get("printed") is False else rule.get("only_in", "")),
        suppressed_by=tuple(case.get("yields_to", ())),
        printed=case.get("printed"),
        actor=case.get("actor", usual_actor(level) if level == "info" else rule.get("actor", usual_actor(level))),
        review=case.get("review", rule.get("review", False) and level != "info"),
        **texts,
    )


def placeholder_names(text: str) -> list[tuple[str, str]]:
    """The placeholders of a message, each with its format: ``{exact:percent}`` is ("exact", "percent")."""
    return _PLACEHOLDER.findall(text)


def fill_placeholders(text: str, show: Callable[[str, str], str]) -> str:
    """A message with its placeholders replaced by ``show(name, how)``."""
    return _PLACEHOLDER.sub(lambda match: str(show(match[1], match[2] or "")), text)
