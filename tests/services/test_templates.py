"""The owner of definitions and caches: what belongs to whom, how much it remembers, and that speed changes no result."""

from __future__ import annotations

import ast
import pickle
import random
from collections.abc import Sequence
from pathlib import Path

import fuzzing
import pytest
import sizes
from contract import fill
from deep_size import deep_size
from project import ROOT

from xltool.form.loading import load_form
from xltool.form.references import all_references
from xltool.result.result import Result
from xltool.rules.loading import load_catalogue
from xltool.services.read_and_check import results_of_workbook
from xltool.support import json_codec, resources, templates
from xltool.support.i18n import tr
from xltool.support.memo import MEMOS, forget_memos, memo
from xltool.support.templates import Templates, cache_within_budget, current_templates, keep, keep_by_language, using

Results = list[list[Result]]


def read(contents: Sequence[bytes], templates: Templates) -> Results:
    return [results_of_workbook(content, "表.xlsx", templates) for content in contents]


def workbooks(number: int) -> list[bytes]:
    """Filled forms, as many forms of random sizes, and what becomes of each of them when it is damaged."""
    records = sorted(ROOT.glob("examples/form*.json"))[-number:]
    filled = [fill(json_codec.loads(one.read_bytes())).content for one in records]
    issued = list(sizes.forms(number, number + 1, seed=7))
    dice = fuzzing.Dice(11)
    return [*filled, *filled, *issued, *(fuzzing.mutated(dice, content) for content in [*filled, *issued] * 2)]


@pytest.mark.parametrize("number", [1, 3])
def test_what_exists_only_for_speed_changes_no_result(number: int) -> None:
    contents = workbooks(number)
    slow = read(contents, Templates(fast=False))
    fast = Templates()
    assert read(contents, fast) == slow
    assert read(contents, fast) == slow  # again, when everything has been seen
    assert {one.status for results in slow for one in results} >= {"accepted", "returned", "unreadable"}


@pytest.mark.parametrize(("number", "budget"), [(2, 20_000_000), (6, 80_000_000)])
def test_forms_of_many_sizes_stay_within_the_budget_and_their_order_changes_nothing(number: int, budget: int) -> None:
    contents = list(sizes.forms(number, number, seed=3))
    owner, other = Templates(budget=budget), Templates(budget=budget * 3 // 4)
    found = []
    for content in contents:
        found += read([content], owner)
        assert 0 < owner.bytes_cached <= owner.budget
    order = random.Random(1).sample(range(len(contents)), len(contents))
    again = dict(zip(order, read([contents[number] for number in order], other), strict=True))
    assert [again[number] for number in range(len(contents))] == found
    assert other.bytes_cached <= other.budget
    definitions = list(owner._kept.items())
    assert deep_size([value for value, _ in owner._cached.values()], [definitions]) <= 1.2 * owner.bytes_cached
    assert deep_size(definitions, [owner._cached]) <= 20_000_000


def test_owners_with_other_folders_do_not_mix(tmp_path: Path) -> None:
    for name in ("one", "other"):
        place = tmp_path / name / "somewhere-2024/1"
        place.mkdir(parents=True)
        (place / "form.toml").write_text(
            f'schema = "xltool.form/2"\nid = "somewhere-2024"\nversion = "1"\nextends = "mof-2020/1"\nname = "{name}"\n',
            "utf-8",
        )
    one, other = (Templates([tmp_path / name]) for name in ("one", "other"))
    for owner, name in ((one, "one"), (other, "other"), (one, "one")):
        with using(owner):
            assert load_form("somewhere-2024/1").name == name
            assert load_catalogue("somewhere-2024/1").form is load_form("somewhere-2024/1")
    with using(Templates([])):
        assert "somewhere-2024/1" not in all_references()


def test_the_owner_of_the_process_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XLTOOL_TEMPLATES", raising=False)
    monkeypatch.setattr(templates, "_of_process", {})
    before = current_templates()
    assert before is current_templates()
    monkeypatch.setenv("XLTOOL_TEMPLATES", str(tmp_path))
    assert current_templates() is not before
    assert current_templates().folders == (tmp_path,)


def test_words_are_kept_by_language(monkeypatch: pytest.MonkeyPatch) -> None:
    word = keep_by_language(lambda: tr("字", "word"))
    with using(Templates()):
        for language, wanted in (("zh", "字"), ("en", "word"), ("zh", "字")):
            monkeypatch.setenv("XLTOOL_LANG", language)
            assert word() == wanted


def test_what_was_used_least_recently_gives_way_first() -> None:
    made: list[str] = []

    @cache_within_budget(lambda _, name: 3_000)
    def thing(name: str) -> str:
        made.append(name)
        return name

    with using(Templates(budget=8_000)):
        for name in "abacab":
            thing(name)
    assert "".join(made) == "abcb"  # c took the place of b, and b of c


def test_what_is_larger_than_the_budget_is_not_kept() -> None:
    large = cache_within_budget(lambda _: 9_000)(list)
    with using(Templates(budget=8_000)) as owner:
        assert large() == []
        assert owner.bytes_cached == 0


def test_everything_is_forgotten_at_once() -> None:
    made: list[int] = []
    kept, cached = keep(lambda: made.append(1)), cache_within_budget(lambda _: 10)(lambda: made.append(2))
    remembered = memo(5)(lambda: made.append(3))
    with using(Templates()) as owner:
        for _ in range(2):
            kept(), cached(), remembered()
        assert made == [1, 2, 3]
        owner.forget()
        forget_memos()
        kept(), cached(), remembered()
    MEMOS.pop()
    assert made == [1, 2, 3] * 2


def test_an_owner_sent_to_another_process_keeps_its_settings_and_nothing_else(tmp_path: Path) -> None:
    with using(Templates([tmp_path], budget=5, fast=False)) as owner:
        load_form("mof-2020/1")
    sent = pickle.loads(pickle.dumps(owner))
    assert (sent.folders, sent.budget, sent.fast, sent._kept) == (owner.folders, 5, False, {})


def test_memos_of_texts_are_bounded_in_bytes() -> None:
    assert sum(one.most_bytes for one in MEMOS) < 64_000_000
    longest = memo(5, 3)(lambda text: [text])
    assert longest("abc") is longest("abc")
    assert longest("abcd") is not longest("abcd")
    first = longest("1")
    assert all(longest(text) for text in "23456") and longest("1") is not first  # no more than five
    MEMOS.pop()


def test_the_forms_there_are_do_not_change_while_one_workbook_is_read(tmp_path: Path) -> None:
    own = tmp_path / "own-2020" / "1" / "form.toml"
    own.parent.mkdir(parents=True)
    for fast in (True, False):
        own.unlink(missing_ok=True)
        with using(Templates([tmp_path], fast=fast)):
            with resources.listed_once():
                before = list(resources.definitions())
                own.touch()
                assert (list(resources.definitions()) == before) == fast
            assert "own-2020/1" in resources.definitions()


@pytest.mark.parametrize("file", sorted((ROOT / "xltool").rglob("*.py")), ids=lambda file: str(file.name))
def test_nothing_else_remembers_for_the_whole_process(file: Path) -> None:
    """A cache belongs to an owner, to an object, or to the memos of texts."""
    tree = ast.parse(file.read_text("utf-8"))
    names = {"cache", "lru_cache"}
    shared = [node for top in tree.body for node in _outside_functions(top)]
    found = [node.lineno for node in shared if isinstance(node, ast.Name) and node.id in names]
    found += [node.lineno for node in shared if isinstance(node, ast.Attribute) and node.attr in names]
    assert not found, f"{file.name}: {found}"


def _outside_functions(node: ast.AST) -> list[ast.AST]:
    """A statement and what is in it, but for the bodies of functions; what decorates them is of it."""
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        return [one for part in getattr(node, "decorator_list", ()) for one in ast.walk(part)]
    return [node, *(one for part in ast.iter_child_nodes(node) for one in _outside_functions(part))]
