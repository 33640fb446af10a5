"""Where the data folders are: inside the installed package, or beside it in a checkout or editable install."""

from __future__ import annotations

import contextlib
import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from xltool.support import json_codec
from xltool.support.errors import WrongDefinition, WrongUse
from xltool.support.i18n import os_error_text, tr
from xltool.support.templates import cache_within_budget, current_templates, keep
from xltool.support.toml_text import line_of_key

_PACKAGE = Path(__file__).parent.parent

Table = dict[str, Any]


def folder(name: str) -> Path:
    """The data folder ``templates``, ``schema`` or ``examples``.

    Raises:
        WrongUse: the installation is incomplete.
    """
    for place in (_PACKAGE / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise WrongUse(f"安装不完整：找不到 {name} 文件夹，请重新安装 xltool")


def template_folders() -> list[Path]:
    """Folders with form definitions: those in XLTOOL_TEMPLATES first, so that a bureau can add its own."""
    own = current_templates().folders
    for one in own:
        if not one.is_dir():
            raise WrongUse(tr(f"XLTOOL_TEMPLATES：没有文件夹 {one}", f"XLTOOL_TEMPLATES: no folder {one}"))
    return [*own, folder("templates")]


#: The definitions by folder, while they are listed once; see ``listed_once``.
_listed: ContextVar[dict[tuple[Path, ...], Mapping[str, Path]] | None] = ContextVar("listed", default=None)


@contextmanager
def listed_once() -> Iterator[None]:
    """Within this context the folders are listed once: one workbook asks half a dozen times which forms there are."""
    before = _listed.set({})
    try:
        yield
    finally:
        _listed.reset(before)


def definitions() -> Mapping[str, Path]:
    """``mof-2020/1`` → its folder, for every definition there is; the first folder that has a name wins."""
    listed, owner = _listed.get(), current_templates()
    if listed is None or not owner.fast:
        return _list_definitions()
    if owner.folders not in listed:
        listed[owner.folders] = _list_definitions()
    return listed[owner.folders]


def _list_definitions() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for root in template_folders():
        for form, version in sorted(_versions(root)):
            found.setdefault(f"{form}/{version}", Path(f"{root}/{form}/{version}"))
    return found


@keep
def usual_form() -> str:
    """The id of the form that is meant where none is named: the shipped one that extends no other."""
    ours = folder("templates")
    roots = [
        reference
        for reference, place in definitions().items()
        if place.parent.parent == ours and "extends" not in read_toml(place / "form.toml")
    ]
    return roots[0].partition("/")[0]


def own_definitions() -> dict[str, Path]:
    """The bureau's own definitions, from XLTOOL_TEMPLATES."""
    if not current_templates().folders:
        return {}
    ours = folder("templates")
    return {reference: place for reference, place in definitions().items() if place.parent.parent != ours}


def _versions(root: Path) -> Iterator[tuple[str, str]]:
    """The forms of a folder and their versions; asked for each workbook, so that a glob would be felt."""
    for form in _entries(root):
        for version in _entries(form.path):
            if os.path.isfile(f"{version.path}/form.toml"):  # noqa: PTH113  # a Path takes three times as long
                yield form.name, version.name


def _entries(place: str | Path) -> list[os.DirEntry[str]]:
    try:
        return list(os.scandir(place))
    except OSError:  # no folder, or one that nobody may look into
        return []


def read_toml(file: Path) -> Table:
    """The tables of a TOML file.

    Raises:
        WrongDefinition: not there, not UTF-8 or not TOML; says line and column.
    """
    try:
        return _tables(file.read_text("utf-8-sig"))
    except OSError as error:
        raise WrongDefinition(str(file), "", f"读不了文件（{os_error_text(error)}）") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WrongDefinition(str(file), "", f"不是合法的 TOML：{error}") from None


#: A table of so many letters takes so many bytes for each.
_BYTES_OF_LETTER = 5


@cache_within_budget(lambda _, text: _BYTES_OF_LETTER * len(text))
def _tables(text: str) -> Table:
    """The same file is read for every definition that extends it; nobody changes what is read."""
    return tomllib.loads(text)


def read_with_parents(reference: str, name: str, seen: tuple[str, ...] = ()) -> Table:
    """The file ``name`` of a definition, laid over the same file of the definition that its form extends.

    Args:
        reference: such as ``shanghai-2020/1``.
        name: ``form.toml`` or ``rules.toml``; a missing file adds nothing.
        seen: the definitions on the way, to refuse a circle.

    Raises:
        WrongDefinition: no such definition, a circle, or a broken file.
    """
    if reference in seen:
        raise WrongDefinition(reference, "extends", "互相继承，成了环")
    place = definitions().get(reference)
    if place is None:
        raise WrongDefinition(seen[-1] if seen else reference, "extends" if seen else "", f"没有定义 {reference}")
    parent = read_toml(place / "form.toml").get("extends")
    base = read_with_parents(parent, name, (*seen, reference)) if parent is not None else {}
    return merge_tables(base, read_toml(place / name)) if (place / name).exists() else base


def merge_tables(base: Table, over: Table) -> Table:
    """Tables merged key by key; ``false`` removes what ``base`` has; anything else in ``over`` replaces it.

    A table with ``inherit = false`` takes nothing from ``base``. A label of one's own is printed as it is, and the
    label that it replaces is another spelling of it, unless the table says otherwise itself.
    """
    if over.get("inherit") is False:
        return {key: value for key, value in over.items() if key != "inherit"}
    result = dict(base)
    if isinstance(over.get("label"), str) and isinstance(base.get("label"), str):
        result.pop("print_label", None)
        result["labels"] = [*base.get("labels", ()), base["label"]]
    for key, value in over.items():
        below = result.get(key)
        if value is False and key in result:
            del result[key]
        else:
            result[key] = merge_tables(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return result


@keep
def schema(name: str) -> Table:
    """The JSON Schema ``schema/NAME.schema.json``."""
    loaded: Table = json_codec.loads((folder("schema") / f"{name}.schema.json").read_bytes())
    return loaded


def refuse_unless_valid(table: Table, schema_name: str, file: str) -> None:
    """Check a definition against its JSON Schema.

    Raises:
        WrongDefinition: with the key and the reason of the first fault.
    """
    import jsonschema_rs

    with contextlib.suppress(ValueError):  # TOML knows dates, which JSON does not: the other validator words it
        if jsonschema_rs.is_valid(schema(schema_name), table):
            return
    import jsonschema

    errors = jsonschema.Draft202012Validator(schema(schema_name)).iter_errors(table)
    if (error := jsonschema.exceptions.best_match(errors)) is not None:
        path = [str(key) for key in error.absolute_path]
        unknown = _unknown_key(error) if error.validator == "additionalProperties" else None
        if unknown is not None:
            path.append(unknown)
            raise WrongDefinition(_with_line(file, path), ".".join(path), _unknown_key_text(unknown, error.schema))
        raise WrongDefinition(_with_line(file, path), ".".join(path), error.message)


def _unknown_key(error: Any) -> str | None:
    """The first key of a table that its schema does not know."""
    return next((key for key in error.instance if key not in error.schema.get("properties", {})), None)


def _unknown_key_text(key: str, known: Mapping[str, Any]) -> str:
    """What is wrong with an unknown key, and how to mend it."""
    names = list(known.get("properties", {}))
    likely = difflib.get_close_matches(key, names, 1)
    if likely:
        return f"没有 {key} 这个键；是不是 {likely[0]}？"
    return f"没有 {key} 这个键；请删去，这里可以写：{'、'.join(names)}"


def _with_line(file: str, path: Sequence[str]) -> str:
    """The file of a definition and the line of a key in it; in the file that it extends if the key stands there."""
    reference, _, name = file.rpartition("/")
    while (place := definitions().get(reference)) is not None:
        try:
            text = (place / name).read_text("utf-8-sig")
            line = line_of_key(text, path)
            if line is not None and (len(path) == 1 or line_of_key(text, path[:1]) != line):
                return f"{reference}/{name} 第 {line} 行"
            reference = str(read_toml(place / "form.toml").get("extends", ""))
        except OSError:
            break
    return file
