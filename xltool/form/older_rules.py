"""Converts rules beside definitions of ``xltool.form/1``: single cells have other names now."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

#: The keys of rules whose texts are expressions, and those whose texts contain some in braces.
_EXPRESSIONS = ("must", "when", "at", "value", "needs", "optional")
_NAME = re.compile(r"'[^']*'|[A-Za-z_][\w.]*")


def convert_rules(text: str, names: Mapping[str, str]) -> str:
    """The rules beside a definition, with the names that fields have now.

    Args:
        text: the text of ``rules.toml``.
        names: the names of single cells by their keys in the record.
    """
    lines = []
    table = tomllib.loads(text)
    rule, is_let = "", False
    for line in text.splitlines():
        if match := re.match(r"\[+(\w+)(?:\.(\w+))?", line):
            rule, is_let = match[1], match[2] == "let"
        known = table.get(rule, {})
        own = {*known.get("let", {}), *known.get("params", {})} if isinstance(known, dict) else set()
        lines.append(_rule_line(line, is_let, {name: to for name, to in names.items() if name not in own}))
    return "\n".join(lines) + "\n"


def _rule_line(line: str, is_let: bool, names: Mapping[str, str]) -> str:
    """A line of rules with new names: in its expressions, or in the braces of its message."""
    key, equals, text = line.partition("=")
    name = key.strip()
    if not equals or line.lstrip().startswith("#") or name in ("set", "params"):
        return line
    if is_let or name in (*_EXPRESSIONS, "let"):
        return key + equals + re.sub(r'"((?:[^"\\]|\\.)*)"', lambda m: f'"{convert_expression(m[1], names)}"', text)
    return key + equals + re.sub(r"\{([^{}]+)\}", lambda m: "{" + convert_expression(m[1], names) + "}", text)


def convert_expression(text: str, names: Mapping[str, str]) -> str:
    """An expression with the names that fields have now; texts in it stay."""
    return _NAME.sub(lambda match: names.get(match[0], match[0]), text)
