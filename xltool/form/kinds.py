"""Kinds of fields: how rules, sheet, schema and record treat each, on adjacent lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xltool.language.functions import SheetError, Value
from xltool.language.numbers import decimal_text, multiply, normalize, round_half_up
from xltool.language.texts import clean
from xltool.language.types import Type

#: The texts allowed in a record: no control characters except line feeds, only what XML can represent,
#: not blank at either end, from one character to the maximum of a cell.
TEXT = {
    "minLength": 1,
    "maxLength": 32767,
    "pattern": r"^(?![\s\u200b])"
    r"[^\u0000-\u0009\u000b-\u001f\u007f\u2028\u2029\ud800-\udfff\ufffe\uffff]*(?<![\s\u200b])$",
}


def _text_schema(_: Sequence[str]) -> dict[str, Any]:
    return {"type": ["string", "null"], **TEXT}


def _choice_schema(choices: Sequence[str]) -> dict[str, Any]:
    return {"enum": [*choices, None]}


#: The greatest number in a cell: about the largest double.
_LARGEST = 1e308


def _number_schema(_: Sequence[str]) -> dict[str, Any]:
    return {"type": ["number", "null"], "minimum": -_LARGEST, "maximum": _LARGEST}


def _whole_schema(choices: Sequence[str]) -> dict[str, Any]:
    return {**_number_schema(choices), "type": ["integer", "null"]}


def _number(value: Value, _: Sequence[str]) -> Any:
    return _json_number(value) if isinstance(value, Decimal) else None


def _whole(value: Value, _: Sequence[str]) -> Any:
    return int(value) if isinstance(value, Decimal) and value == int(value) else None


def _json_number(value: Decimal) -> Decimal | int:
    value = normalize(value)
    return int(value) if value == int(value) else value


def _text(value: Value, _: Sequence[str]) -> Any:
    if isinstance(value, SheetError) or not isinstance(value, str):
        return None
    return clean(value) or None


def _choice(value: Value, choices: Sequence[str]) -> Any:
    return value if value in choices else None


def percent_text(value: Decimal) -> str:
    """A ratio as a percentage: 0.9858 is 98.58%."""
    return decimal_text(round_half_up(multiply(value, Decimal(100)), 7)) + "%"


@dataclass(frozen=True)
class Kind:
    """One kind of field.

    Attributes:
        name: its name in definitions.
        type: its type in the rule language.
        make_schema: its JSON Schema, from the choices of a field.
        to_record: converts a cell's value to the record, given the choices; None for a value of another kind.
        display: formats a number as shown on the sheet.
        number_format: Excel's format code, from the decimals of amounts.
    """

    name: str
    type: Type
    make_schema: Callable[[Sequence[str]], dict[str, Any]]
    to_record: Callable[[Value, Sequence[str]], Any]
    display: Callable[[Decimal], str]
    number_format: Callable[[int], str]


def _money_text(value: Decimal) -> str:
    return f"{normalize(value):,f}"


def _money_format(money_decimals: int) -> str:
    # Amounts in 万元 show between two and six decimals, as many as they have.
    return "#,##0.00" + "#" * max(0, min(money_decimals, 6) - 2)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "year",
            Type.NUMBER,
            _whole_schema,
            _whole,
            decimal_text,
            lambda _: '"（"0" 年度）"',
        ),
        Kind("text", Type.TEXT, _text_schema, _text, decimal_text, lambda _: "@"),
        Kind("choice", Type.TEXT, _choice_schema, _choice, decimal_text, lambda _: "General"),
        Kind("level", Type.TEXT, _text_schema, _text, decimal_text, lambda _: "General"),
        Kind("money", Type.NUMBER, _number_schema, _number, _money_text, _money_format),
        Kind("points", Type.NUMBER, _number_schema, _number, decimal_text, lambda _: "General"),
        Kind("ratio", Type.NUMBER, _number_schema, _number, percent_text, lambda _: "0.00%"),
        Kind("flag", Type.NUMBER, lambda _: {"enum": [0, 1]}, _number, decimal_text, lambda _: '"有内容";;"空行"'),
    )
}


def display_text(value: Value, kind: Kind) -> str:
    """A cell's value as displayed: numbers in the format of the kind, anything else as it is."""
    return kind.display(value) if isinstance(value, Decimal) else str(value or "")
