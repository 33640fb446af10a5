"""Findings that no expression gives: code raises them under a case of a rule, with the texts of that case."""

from __future__ import annotations

from collections.abc import Mapping

from xltool.form.references import all_references
from xltool.result.findings import Finding
from xltool.result.overview import Overview
from xltool.rules.loading import definition_fault, load_catalogue
from xltool.rules.rule import Rule, make_finding
from xltool.support.templates import keep


def code_finding(rule: Rule, key: str, values: Mapping[str, str], path: str, cell: str | None, label: str) -> Finding:
    """A finding of the rule's case ``key``.

    Args:
        rule: the rule.
        key: the key of the case.
        values: the texts for the placeholders of its message.
        path: JSON Pointer into the record; "" for the whole record.
        cell: sheet and cell, if there is one.
        label: the label of the place.
    """
    texts = {"label": label, **values}
    return make_finding(rule, rule.case(key), lambda name, _: texts[name], path, cell, label)


@keep
def shared_rules() -> Mapping[str, Rule]:
    """The rules that all forms share, for findings that are not about one form."""
    return dict(
        load_catalogue(next(reference for reference in all_references() if definition_fault(reference) is None)).rules
    )


def rule_names(overview: Overview) -> dict[str, str]:
    """The names of all rules of the forms in an overview, by id."""
    names = {key: rule.name for key, rule in shared_rules().items()}
    for form in {form_reference.text for entry in overview.entries if (form_reference := entry.result.form)}:
        names |= {key: rule.name for key, rule in load_catalogue(form).rules.items()}
    return names
