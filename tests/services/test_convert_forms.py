"""Definitions of the older schema: what 0.3.2 shipped means the same once it is converted."""

from __future__ import annotations

import io
import lzma
import tarfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import run
from project import DATA, templates

from xltool.form.binding import cell_formulas, helper_formulas
from xltool.form.definition import Form
from xltool.form.layout import Layout
from xltool.form.loading import load_form
from xltool.form.older_rules import convert_rules
from xltool.form.printed_labels import printed_labels
from xltool.form.references import all_references
from xltool.services.convert_forms import convert_forms
from xltool.support.errors import WrongDefinition, WrongUse

SHIPPED = lzma.decompress((DATA / "older/definitions-0.3.2.tar.xz").read_bytes())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The definitions of 0.3.2 under other names, for ours have theirs, and one of a bureau's own over them."""
    folder = tmp_path_factory.mktemp("definitions")
    with tarfile.open(fileobj=io.BytesIO(SHIPPED)) as archive:
        for member in archive.getmembers():
            content = archive.extractfile(member)
            assert content is not None
            text = content.read().decode()
            for reference in all_references():
                name = reference.partition("/")[0]
                text = text.replace(f'id = "{name}"', f'id = "old-{name}"')
                text = text.replace(f'extends = "{name}/', f'extends = "old-{name}/')
            file = folder / f"old-{member.name}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    own = folder / "city-2025" / "1"
    own.mkdir(parents=True)
    (own / "form.toml").write_text(OWN, "utf-8")
    (own / "rules.toml").write_text(OWN_RULES, "utf-8")
    return folder


OWN = """# 某市：加填表人，按年初预算算执行率
schema = "xltool.form/1"
id = "city-2025"
version = "1"
extends = "old-mof-2020/1"

[params]
rate_base = "initial_budget"

# 填表人
[fields.filler]
section = "foot"
label = "填表人"
kind = "text"
label_columns = "A:B"
columns = "C:I" # 一行
line = 1

[fields]
grade = false

[funds.columns]
score = { label = "执行得分", part_text = "/" }
"""

OWN_RULES = """[Z01]
name = "填表人"
name_en = "Filler"
why = "要找得到人。"
why_en = "Somebody has to be found."
basis = "本市规定：year 年"
[Z01.let]
weights = "total.weight + 0"
[[Z01.case]]
at = "filler"
when = "filled(project.name) and total.score > 0 and weights > 0"
must = "filled(filler) and filler != 'year'"
message = "{project.name}没有填表人"
message_en = "{project.name} has no filler"
fix = "请填写"
fix_en = "fill it in"
[[Z01.example]]
set = { "project.name" = "x" }
finds = true
"""


@pytest.fixture(scope="module")
def converted(folder: Path) -> Iterator[Path]:
    convert_forms(folder)
    with templates(folder):
        yield folder


def _meaning(form: Form) -> dict[str, object]:
    """What a form prints where, what it asks for and computes, in terms of the record."""
    layout = Layout(form)
    return {
        "places": {place.name: layout.box(place).address for place in layout.places},
        "open": [place.name for place in layout.places if layout.is_requested(place)],
        "printed": {place.name: layout.fixed_value(place) for place in layout.printed_places},
        "labels": sorted((label.box.address, label.text, label.role) for label in printed_labels(layout)),
        "fields": {name: (field.label, field.synonyms, field.prompt) for name, field in form.fields_of_record},
        "names": layout.names,
        "formulas": {place.name: repr(node) for place, node in cell_formulas(form).items()},
        "helpers": {name: repr(node) for name, node in helper_formulas(form).items()},
        "groups": [(level1.label, level1.weight, level1.level2) for level1 in form.level1],
    }  # fmt: skip


@pytest.mark.parametrize("reference", all_references())
def test_a_converted_definition_means_what_ours_means(reference: str, converted: Path) -> None:
    ours, theirs = _meaning(load_form(reference)), _meaning(load_form(f"old-{reference}"))
    for key in ("formulas", "helpers"):  # names in formulas are not roles
        ours[key], theirs[key] = list(ours[key]), list(theirs[key])  # type: ignore[call-overload]  # of dictionaries
    assert theirs == ours


def test_an_own_definition_keeps_its_comments_and_its_rules_find_their_fields(converted: Path) -> None:
    text = (converted / "city-2025/1/form.toml").read_text("utf-8")
    for comment in ("# 某市：加填表人，按年初预算算执行率", "# 填表人", "# 一行"):
        assert comment in text
    table = tomllib.loads(text)
    assert table["means"] == {"budget": "funds.total.initial_budget"}
    assert table["block"]["total"]["cell"] == {"grade": False}
    assert table["block"]["funds"]["columns"]["score"] == {"label": "执行得分", "only": ["total"], "elsewhere": "/"}
    form = load_form("city-2025/1")
    assert form.fields["filler"].full_name == "foot.filler" and "grade" not in form.fields
    rules = tomllib.loads((converted / "city-2025/1/rules.toml").read_text("utf-8"))["Z01"]
    assert rules["case"][0] == {
        "at": "foot.filler",
        "when": "filled(heading.name) and total.score > 0 and weights > 0",
        "must": "filled(foot.filler) and foot.filler != 'year'",
        "message": "{heading.name}没有填表人",
        "message_en": "{heading.name} has no filler",
        "fix": "请填写",
        "fix_en": "fill it in",
    }
    assert rules["basis"] == "本市规定：year 年" and rules["example"][0]["set"] == {"project.name": "x"}


def test_what_was_there_is_kept(converted: Path) -> None:
    kept = converted / "city-2025/1/form.toml.form1"
    assert kept.read_text("utf-8") == OWN
    assert (converted / "city-2025/1/rules.toml.form1").read_text("utf-8") == OWN_RULES


def test_a_name_that_a_rule_defines_itself_stays() -> None:
    rules = (
        '[Z01]\nparams = { grade = "优" }\nlet = { year = "1" }\n[[Z01.case]]\nmust = "year > 0 and grade == \'优\'"\n'
    )
    assert convert_rules(rules, {"year": "heading.year", "grade": "total.grade"}) == rules


def test_the_older_schema_is_refused_with_the_command_that_converts_it(tmp_path: Path) -> None:
    place = tmp_path / "city-2025" / "1"
    place.mkdir(parents=True)
    (place / "form.toml").write_text(OWN.replace("old-mof", "mof"), "utf-8")
    with templates(tmp_path):
        with pytest.raises(WrongDefinition) as refusal:
            load_form("city-2025/1")
        assert f"xltool forms convert {tmp_path}" in str(refusal.value) and "form/1" in str(refusal.value)
        listed = run("forms")
        assert listed.returncode == 0 and "mof-2020/1" in listed.output
        assert run("forms", "convert", tmp_path).returncode == 0
        assert "city-2025/1" in run("forms").output
        again = run("forms", "convert", tmp_path)
        assert again.returncode == 2 and "没有要转换的表样" in again.output


def test_nothing_is_written_unless_all_can_be_converted(tmp_path: Path) -> None:
    for name, text in {"a": OWN.replace("old-mof", "mof"), "b": OWN.replace("old-mof", "nothing")}.items():
        place = tmp_path / name / "1"
        place.mkdir(parents=True)
        (place / "form.toml").write_text(text, "utf-8")
    with pytest.raises(WrongDefinition, match="nothing"):
        convert_forms(tmp_path)
    assert not [*tmp_path.rglob("*.form1")]
    with pytest.raises(WrongUse):
        convert_forms(tmp_path / "missing")
