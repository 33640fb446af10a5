"""Findings that no expression gives: raised by code under a rule's case, in the rule's own words."""

from __future__ import annotations

from collections.abc import Mapping

from xltool.form.definition import references
from xltool.result.findings import Finding
from xltool.result.overview import Overview
from xltool.rules.catalogue import definition_fault, load_catalogue
from xltool.rules.rule import Rule, make_finding
from xltool.support.templates import keep


def code_finding(rule: Rule, key: str, given: Mapping[str, str], path: str, cell: str | None, label: str) -> Finding:
    """A finding of the rule's case ``key``.

    Args:
        rule: the rule.
        key: its case.
        given: the texts for the placeholders of its message.
        path: JSON Pointer into the record; "" for the whole.
        cell: sheet and cell, where there is one.
        label: what people call the place.
    """
    texts = {"label": label, **given}
    return make_finding(rule, rule.case(key), lambda name, _: texts[name], path, cell, label)


@keep
def shared_rules() -> Mapping[str, Rule]:
    """The rules that every form shares, for findings that are not about one form."""
    return dict(load_catalogue(next(one for one in references() if definition_fault(one) is None)).rules)


def rule_names(overview: Overview) -> dict[str, str]:
    """The names of all rules that the forms of an overview know."""
    found = {key: rule.name for key, rule in shared_rules().items()}
    for form in {one.text for entry in overview.entries if (one := entry.result.form)}:
        found |= {key: rule.name for key, rule in load_catalogue(form).rules.items()}
    return found
