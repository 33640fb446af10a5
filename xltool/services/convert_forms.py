"""Converts a bureau's own definitions to the present schema, in place; what was there is kept beside it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xltool.form.older_definitions import OLD_SCHEMA, Converter
from xltool.form.older_rules import convert_rules
from xltool.support import resources
from xltool.support.errors import WrongDefinition, WrongUse
from xltool.support.i18n import os_error_text, tr

#: What the files are called that hold the definition as it was.
_KEPT = ".form1"

_FORM, _RULES = "form.toml", "rules.toml"


@dataclass(frozen=True)
class ConvertedForm:
    """A definition that was converted, with the files as they were."""

    reference: str
    kept: tuple[Path, ...]


def convert_forms(folder: Path) -> list[ConvertedForm]:
    """Convert every definition of the older schema in a folder such as those in XLTOOL_TEMPLATES.

    Nothing is written unless all of them can be converted.

    Raises:
        WrongUse: no such folder, or nothing in it to convert.
        WrongDefinition: a file that is not TOML, or that extends what is not there.
    """
    if not folder.is_dir():
        raise WrongUse(tr(f"没有文件夹 {folder}", f"no folder {folder}"))
    files = sorted(folder.glob(f"*/*/{_FORM}"))
    old = {f"{file.parts[-3]}/{file.parts[-2]}": file for file in files if _schema(file) == OLD_SCHEMA}
    if not old:
        chinese = f"{folder} 里没有要转换的表样（{OLD_SCHEMA} 的 {_FORM}）"
        raise WrongUse(tr(chinese, f"{folder} has no definition of {OLD_SCHEMA}"))
    definitions = _Definitions(old)
    texts = {reference: definitions.texts(reference) for reference in old}
    return [ConvertedForm(reference, _write(old[reference].parent, files)) for reference, files in texts.items()]


def _schema(file: Path) -> Any:
    return resources.read_toml(file).get("schema")


def _write(folder: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Write the converted files of a definition, each after keeping what was there."""
    kept = []
    for name, text in texts.items():
        file = folder / name
        if file.read_text("utf-8-sig") != text:
            before = file.with_name(file.name + _KEPT)
            try:
                before.write_bytes(file.read_bytes())
                file.write_text(text, "utf-8")
            except OSError as error:
                raise WrongUse(tr(f"写不了 {file}：{os_error_text(error)}", f"cannot write {file}: {error}")) from None
            kept.append(before)
    return tuple(kept)


class _Definitions:
    """The definitions of a folder, converted as they are asked for: some extend others."""

    def __init__(self, old: Mapping[str, Path]) -> None:
        self._old = old
        self._converters: dict[str, Converter] = {}
        self._tables: dict[str, dict[str, Any]] = {}

    def texts(self, reference: str) -> dict[str, str]:
        """The converted files of a definition by name."""
        self._table(reference)
        texts = {_FORM: self._converters[reference].form_text()}
        rules = self._old[reference].with_name(_RULES)
        if rules.exists():
            resources.read_toml(rules)
            texts[_RULES] = convert_rules(rules.read_text("utf-8-sig"), self._converters[reference].names)
        return texts

    def _names(self, reference: str) -> Mapping[str, str]:
        """The names of the single cells of a definition of the folder; none if it is not there."""
        if reference not in self._old:
            return {}
        self._table(reference)
        return self._converters[reference].names

    def _table(self, reference: str, seen: tuple[str, ...] = ()) -> dict[str, Any]:
        """A definition with those that it extends, in the present schema."""
        if reference not in self._old:
            return resources.read_with_parents(reference, _FORM)
        if reference in seen:
            raise WrongDefinition(str(self._old[reference]), "extends", "互相继承，成了环")
        if reference not in self._tables:
            file = self._old[reference]
            table = resources.read_toml(file)
            parent = self._table(str(table["extends"]), (*seen, reference)) if "extends" in table else None
            versions = {number: self._names(f"{table['id']}/{number}") for number in table.get("versions", {})}
            self._converters[reference] = Converter(file.read_text("utf-8-sig"), parent, versions)
            own = tomllib.loads(self._converters[reference].form_text())
            self._tables[reference] = resources.merge_tables(parent or {}, own)
        return self._tables[reference]
