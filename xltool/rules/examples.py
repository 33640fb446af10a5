"""The examples of a rule that are true of a form: changes to its clean record, and whether the rule then finds them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from xltool.form.answers import Answers
from xltool.form.convert import convert
from xltool.form.definition import Form
from xltool.form.places import FixedRowCell, Place, SingleCell
from xltool.form.record import answers_of_record, needed_capacities, record_of_answers
from xltool.form.versions import Crossing
from xltool.language.functions import Value
from xltool.language.numbers import YUAN, multiply
from xltool.result.record import Record
from xltool.rules.catalogue import Catalogue
from xltool.rules.check import check_answers
from xltool.rules.loading import load_catalogue
from xltool.rules.rule import Example, Rule
from xltool.support import json_codec, resources
from xltool.support.templates import keep


def examples_of(catalogue: Catalogue, rule: Rule) -> list[Example]:
    """The examples of a rule as a form can have them, with amounts in the unit of the form.

    Changes to fields that the form lacks are left out, and so is an example whose rule does not do what it says on this
    form; all are where there is no clean record. The examples of a rule that is off cannot be tried.
    """
    reference = _reference_of_record(catalogue.form.reference)
    if reference is None:
        return []
    clean = _clean_answers(catalogue.form.reference, reference)
    examples = []
    for example in (_on_form(one, clean, load_catalogue(reference).form) for one in rule.examples):
        if example not in examples and _is_true(catalogue, rule, example, clean):
            examples.append(example)
    return examples


def _reference_of_record(reference: str) -> str | None:
    """The definition whose clean record stands for that of a form: its own, or the nearest that it extends."""
    while (folder := resources.definitions().get(reference)) is not None:
        if (folder / "example.json").exists():
            return reference
        reference = str(resources.read_toml(folder / "form.toml").get("extends", ""))
    return None


@keep
def _clean_answers(reference: str, reference_of_record: str) -> Answers:
    """The contents of a form in which no rule finds a fault, carried over from the form that has such a record."""
    file = resources.definitions()[reference_of_record] / "example.json"
    record = Record.from_json(json_codec.loads(file.read_bytes()))
    old, new = load_catalogue(reference_of_record), load_catalogue(reference)
    answers, _ = answers_of_record(record, old.layout(needed_capacities(record, old.form)))
    return answers if old is new else convert(answers, {}, new.form, new.layout, Crossing()).answers


def _on_form(example: Example, clean: Answers, source: Form) -> Example:
    """An example with the changes that the form can have, and amounts in its unit."""
    unit, other = YUAN.get(source.money_unit), YUAN.get(clean.layout.form.money_unit)
    factor = unit / other if unit and other else Decimal(1)
    possible = {name: value for name, value in example.changes.items() if _places(clean, name)}
    return replace(example, changes={name: _converted(clean, name, to, factor) for name, to in possible.items()})


def _converted(clean: Answers, name: str, value: Any, factor: Decimal) -> Any:
    """An amount in another unit; any other value unchanged."""
    if isinstance(value, str) or factor == 1 or clean.layout.form.field(_places(clean, name)[0]).kind.name != "money":
        return value
    return float(multiply(Decimal(repr(value)), factor))


def _is_true(catalogue: Catalogue, rule: Rule, example: Example, clean: Answers) -> bool:
    """Whether a form can have the changes, and its rule then does as the example says."""
    values = dict(clean.values)
    for name, value in example.changes.items():
        values |= dict.fromkeys(_places(clean, name), _value(value))
    if not example.changes:
        return False
    if rule.disabled:
        return True
    answers = Answers(clean.layout, values)
    _, paths = record_of_answers(answers, {})
    found = {finding.rule for finding in check_answers(catalogue, answers, paths, {}, None)}
    return (rule.id in found) is example.finds


def _value(value: Any) -> Value:
    """The value of a cell; "" in an example is a blank cell."""
    return Decimal(repr(value)) if isinstance(value, int | float) else value or None


def _places(clean: Answers, name: str) -> list[Place]:
    """The places that an example changes; empty if the form has no such place.

    Args:
        clean: the clean contents of the form.
        name: the keys of a value in the record: of a cell; of a table, a row from 0 and a column, or of the whole row.
    """
    form = clean.layout.form
    match name.split("."):
        case [table, row, *columns] if table == form.indicator_table:
            slots = list(clean.filled_rows)[int(row) : int(row) + 1]
            return [
                form.indicator_cell(slot, column)
                for slot in slots
                for column in columns or form.row_columns
                if column in form.row_columns
            ]
        case [table, row, column]:
            place: Place = FixedRowCell(table, row, column)
        case _:
            place = SingleCell(name)
    return [place] if place in clean.layout.positions else []
