"""A wrong definition is refused on load, with file, key and reason; a wrong rule is not a wrong workbook."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import run
from project import ROOT, templates

from xltool.form.loading import load_form
from xltool.form.references import all_references, full_reference
from xltool.form.versions import parse_version
from xltool.rules.loading import load_catalogue
from xltool.support import json_codec
from xltool.support.errors import WrongDefinition, WrongUse
from xltool.support.templates import current_templates


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    """A folder with a form of one's own, which extends the national one."""
    folder = tmp_path / "somewhere-2024" / "1"
    folder.mkdir(parents=True)
    (folder / "form.toml").write_text(
        'schema = "xltool.form/2"\nid = "somewhere-2024"\nversion = "1"\nextends = "mof-2020/1"\n', "utf-8"
    )
    (folder / "rules.toml").write_text("", "utf-8")
    with templates(tmp_path):
        yield folder


def _refusal(own: Path) -> str:
    with pytest.raises(WrongDefinition) as caught:
        load_catalogue("somewhere-2024/1")
    assert "somewhere-2024/1/" in str(caught.value)
    return str(caught.value)


def _add(own: Path, name: str, text: str) -> None:
    with (own / name).open("a", encoding="utf-8") as stream:
        stream.write(text)


def test_a_bureau_can_lay_its_own_form_over_ours(own: Path) -> None:
    _add(own, "rules.toml", "[F08]\nlevel = 'error'\n[F08.params]\nthreshold = 0.8\n")
    _add(own, "form.toml", "[block.indicators.level1.output.level2.quantity]\nrows = 9\n")
    catalogue = load_catalogue("somewhere-2024/1")
    assert str(catalogue.rules["F08"].params["threshold"]) == "0.8"
    assert catalogue.rules["F08"].cases[0].level == "error"
    assert catalogue.form.level2["quantity"].rows == 9
    assert str(load_catalogue("mof-2020/1").rules["F08"].params["threshold"]) == "0.9"


FORM_FAULTS = {
    "a broken file": ("[block\n", "不是合法的 TOML"),
    "an unknown key": ("colour = 'red'\n", "colour"),
    "an unknown kind": ("[block.heading.cell.year]\nkind = 'roman'\n", "block.heading.cell.year.kind"),
    "a strange column": ("[block.heading.cell.year]\ncolumns = 'A:Z'\n", "block.heading.cell.year.columns"),
    "a formula with an unknown name": (
        "[block.total.cell.grade]\nformula = \"'优' if total.scores > 1 else '差'\"\n",
        "total.scores",
    ),
    "too many rows": ("[block.indicators.level1.output.level2.cost]\nrows = 1000\n", "rows"),
}


@pytest.mark.parametrize(("text", "reason"), FORM_FAULTS.values(), ids=FORM_FAULTS.keys())
def test_a_wrong_form_is_refused(own: Path, text: str, reason: str) -> None:
    _add(own, "form.toml", text)
    assert reason in _refusal(own)


RULE_FAULTS = {
    "not the language": ("__import__('os')", "没有函数 __import__"),
    "a lambda": ("(lambda: 1)() == 1", "规则语言没有这种写法"),
    "an unknown function": ("sqrt(score) > 1", "没有函数 sqrt"),
    "an unknown name": ("scores > 1", "不认识的名字 scores"),
    "an attribute of nothing": ("score.real > 1", "不认识的名字 score.real"),
    "a text compared by size": ("level3 > 'a'", "文字没有大小"),
    "a number compared with a text": ("score == level3", "不能比较数值与文字"),
    "a number where a truth is due": ("score + 1", "应为真假"),
    "a wrong number of arguments": ("round(score) == 1", "要 2 个参数"),
    "a power": ("score ** 2 > 1", "规则语言没有这种写法"),
    "a syntax error": ("score >", "语法错误"),
    "a column where a cell is due": ("indicators.score > 1", "不能比较"),
    "an aggregate of texts": ("sum(level3) > 1", "sum 的参数应为"),
}


@pytest.mark.parametrize(("must", "reason"), RULE_FAULTS.values(), ids=RULE_FAULTS.keys())
def test_a_wrong_rule_is_refused_with_line_and_column(own: Path, must: str, reason: str) -> None:
    case = f'[[X99.case]]\nat = "score"\nmust = "{must}"\nmessage = "x"\nmessage_en = "x"\nfix = "x"\nfix_en = "x"\n'
    _add(
        own,
        "rules.toml",
        f'[X99]\nname = "试"\nname_en = "try"\nwhy = "x"\nwhy_en = "x"\neach = "indicators"\nbasis = "x"\n{case}',
    )
    refusal = _refusal(own)
    assert reason in refusal and "X99.case[1]" in refusal and "列" in refusal


def test_an_unknown_placeholder_in_a_message_is_refused(own: Path) -> None:
    case = '[[X99.case]]\nat = "score"\nmust = "score > 1"\nmessage = "{scor}"\nmessage_en = "x"\nfix = "x"\nfix_en = "x"\n'
    _add(
        own,
        "rules.toml",
        f'[X99]\nname = "试"\nname_en = "try"\nwhy = "x"\nwhy_en = "x"\neach = "indicators"\nbasis = "x"\n{case}',
    )
    assert "scor" in _refusal(own)


def test_a_circle_of_extensions_is_refused(own: Path) -> None:
    (own / "form.toml").write_text('extends = "somewhere-2024/1"\n', "utf-8")
    with pytest.raises(WrongDefinition, match="环"):
        load_form("somewhere-2024/1")


def test_an_unknown_parent_is_refused(own: Path) -> None:
    (own / "form.toml").write_text('extends = "nowhere-1999/1"\n', "utf-8")
    with pytest.raises(WrongDefinition, match="nowhere-1999/1"):
        load_form("somewhere-2024/1")


def test_an_unknown_form_is_one_clear_sentence() -> None:
    with pytest.raises(WrongUse, match="没有表样 utopia"):
        full_reference("utopia")


def test_the_place_in_a_refusal_counts_characters(own: Path) -> None:
    must = "level3 == '四舍五入四舍五入' and scor > 1"
    case = f'[[X99.case]]\nat = "score"\nmust = "{must}"\nmessage = "x"\nmessage_en = "x"\nfix = "x"\nfix_en = "x"\n'
    _add(
        own,
        "rules.toml",
        f'[X99]\nname = "试"\nname_en = "try"\nwhy = "x"\nwhy_en = "x"\neach = "indicators"\nbasis = "x"\n{case}',
    )
    assert f"第1行第{must.index('scor') + 1}列" in _refusal(own)


def test_a_let_that_means_itself_is_refused(own: Path) -> None:
    case = '[[X99.case]]\nat = "score"\nmust = "a > 1"\nmessage = "x"\nmessage_en = "x"\nfix = "x"\nfix_en = "x"\n'
    _add(
        own,
        "rules.toml",
        f'[X99]\nname = "试"\nname_en = "try"\nwhy = "x"\nwhy_en = "x"\neach = "indicators"\nbasis = "x"\nlet = {{ a = "a + 1" }}\n{case}',
    )
    assert "不认识的名字 a" in _refusal(own)


def test_a_folder_whose_name_is_not_the_forms_is_refused(own: Path) -> None:
    own.rename(own.parent / "2")
    with pytest.raises(WrongDefinition, match="文件夹"):
        load_form("somewhere-2024/2")


def test_a_rule_about_a_field_that_a_form_does_not_have_is_not_asked_of_it(own: Path) -> None:
    """The form drops a source of funds; a rule that names it stays in the catalogue, and is asked elsewhere."""
    _add(own, "form.toml", "[block.funds.rows]\ncarryover = false\n")
    case = '[[X99.case]]\nat = "funds.carryover.executed"\nmust = "funds.carryover.executed > 1"\n'
    texts = 'message = "x"\nmessage_en = "x"\nfix = "x"\nfix_en = "x"\n'
    _add(own, "rules.toml", f'[X99]\nname = "试"\nname_en = "try"\nwhy = "x"\nwhy_en = "x"\nbasis = "x"\n{case}{texts}')
    catalogue = load_catalogue("somewhere-2024/1")
    asked = {check.rule.id for check in catalogue.checks}
    assert "X99" in catalogue.rules and "X99" not in asked and "F02" in asked
    assert "X99" not in catalogue.on_panel and "F02" in catalogue.on_panel
    assert "carryover" not in catalogue.form.fund_rows


def test_a_name_that_no_form_knows_is_refused_also_where_fields_are_lacking(own: Path) -> None:
    _add(own, "form.toml", "[block.funds.rows]\ncarryover = false\n")
    case = '[[X99.case]]\nat = "funds.carryover.executed"\nmust = "funds.lottery.executed > 1"\n'
    texts = 'message = "x"\nmessage_en = "x"\nfix = "x"\nfix_en = "x"\n'
    _add(own, "rules.toml", f'[X99]\nname = "试"\nname_en = "try"\nwhy = "x"\nwhy_en = "x"\nbasis = "x"\n{case}{texts}')
    assert "funds.lottery.executed" in _refusal(own)


def test_false_removes_what_was_inherited_and_only_that(own: Path) -> None:
    _add(own, "rules.toml", "F08 = false\n")
    assert "F08" not in load_catalogue("somewhere-2024/1").rules
    _add(own, "form.toml", "[block.funds.rows]\nlottery = false\n")
    current_templates().forget()
    assert "funds.rows.lottery" in _refusal(own)


def test_what_is_no_definition_lies_beside_the_definitions_without_harm(tmp_path: Path) -> None:
    for place in ("notes", ".git/1", "mine-2024/1"):
        (tmp_path / place).mkdir(parents=True)
    (tmp_path / "readme.txt").write_text("")
    (tmp_path / "mine-2024/form.toml").write_text("")
    mine = 'schema = "xltool.form/2"\nid = "mine-2024"\nversion = "1"\nextends = "mof-2020/1"\n'
    (tmp_path / "mine-2024/1/form.toml").write_text(mine)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with templates(tmp_path):
        known = all_references()
        assert "mine-2024/1" in known and "mof-2020/1" in known
        assert not [one for one in known if one.startswith((".git", "loop", "notes", "readme"))]


BROKEN = {
    "a broken file": ("form.toml", "[block\n"),
    "another encoding": ("form.toml", b"\xff\xfe\x00"),
    "a form that extends nothing": ("form.toml", 'schema = "xltool.form/2"\nid = "bad-2024"\nversion = "1"\nextends = "x/1"\n'),
    "a circle": ("form.toml", 'schema = "xltool.form/2"\nid = "bad-2024"\nversion = "1"\nextends = "bad-2024/1"\n'),
    "no such block": (
        "form.toml",
        'schema = "xltool.form/2"\nid = "bad-2024"\nversion = "1"\nextends = "mof-2020/1"\n'
        'order = ["heading", "sums"]\n',
    ),
    "a formula of itself": (
        "form.toml",
        'schema = "xltool.form/2"\nid = "bad-2024"\nversion = "1"\nextends = "mof-2020/1"\n'
        '[block.total.cell.score]\nformula = "total.score + 1"\n',
    ),
    "a broken rule": ("rules.toml", "[F08\n"),
    "a rule about nothing": ("rules.toml", '[F08]\n[[F08.case]]\nmust = "nothing > 1"\n'),
}  # fmt: skip


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a definition that is good, and its template."""
    folder = tmp_path_factory.mktemp("before")
    place = folder / "bad-2024" / "1"
    place.mkdir(parents=True)
    good = 'schema = "xltool.form/2"\nid = "bad-2024"\nversion = "1"\nextends = "mof-2020/1"\n'
    (place / "form.toml").write_text(good, "utf-8")
    with templates(folder):
        issued = run("template", "--form", "bad-2024", "-o", folder / "bad.xlsx")
        assert issued.returncode == 0, issued.output
    return folder


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_definition_stops_no_other_form(name: str, before: Path, tmp_path: Path) -> None:
    shutil.copytree(before, tmp_path, dirs_exist_ok=True)
    place = tmp_path / "bad-2024" / "1"
    file, text = BROKEN[name]
    (place / file).write_bytes(text if isinstance(text, bytes) else text.encode())
    with templates(tmp_path):
        example = str(ROOT / "examples/form2.xlsx")
        done = run("ingest", example, tmp_path / "bad.xlsx")
        told = [line for line in done.stderr.decode("utf-8").splitlines() if line.startswith("xltool: ")]
        [line] = told
        assert "bad-2024/1" in line and "没有使用" in line
        bad, good_one = sorted(
            (json_codec.loads(line) for line in done.stdout.splitlines()), key=lambda one: one["file"] == example
        )
        assert good_one["status"] == "accepted"
        [finding] = bad["findings"]
        assert (finding["rule"], finding["actor"]) == ("P01", "bureau") and "bad-2024/1" in finding["message"]
        refused = run("template", "--form", "bad-2024", "-o", tmp_path / "b.xlsx")
        assert refused.returncode == 2 and "bad-2024/1" in refused.stderr.decode("utf-8")


def test_what_is_said_of_an_older_version_is_in_the_language_of_the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    told = parse_version({"policy": "warn", "why": "改了", "why_en": "changed"})
    assert told.reason == "改了"
    monkeypatch.setenv("XLTOOL_LANG", "en")
    assert told.reason == "changed"
