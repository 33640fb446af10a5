"""The pages of the documentation: their commands run and print what is shown, their links lead somewhere, they build."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from project import ROOT

PAGES = sorted(
    str(page.relative_to(ROOT)) for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
)  # fmt: skip
_FENCE = re.compile(r"^```(\w*)[ \t]*(.*?)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _blocks(page: str) -> list[tuple[str, str, str]]:
    """The fenced blocks of a page: language, what stands behind it, text."""
    return _FENCE.findall((ROOT / page).read_text("utf-8"))


def _has_commands(page: str) -> bool:
    return any(language == "sh" and not note for language, note, _ in _blocks(page))


#: Pages that begin in a fresh folder, and those that go on in the folder of another.
FIRST = {"docs/howto": "docs/start/first.md", "docs/en": "docs/en/first.md"}
_GOES_ON = re.compile(r"^(?:命令接着|The commands go on from) ?\[", re.MULTILINE)


def _run(page: str, folder: Path) -> list[str]:
    """Run the commands of a page and return what they print, line by line."""
    shell = shutil.which("sh")
    if shell is None:
        pytest.skip("no sh on this machine")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XLTOOL")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    script = "\n".join(text for language, note, text in _blocks(page) if language == "sh" and not note)
    done = subprocess.run(
        [shell, "-euc", script], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    printed = done.stdout.decode("utf-8")
    assert done.returncode == 0, printed
    return [line.rstrip() for line in printed.splitlines()]


def _missing(page: str, printed: list[str]) -> list[str]:
    """Lines that a page shows as output and that were not printed."""
    shown = [line for language, note, text in _blocks(page) if note == "output" for line in text.splitlines()]
    return [line for line in shown if line not in printed]


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder in which the first steps of a language were made."""

    @cache
    def walk(page: str) -> Path:
        folder = tmp_path_factory.mktemp("walked") / "folder"
        shutil.copytree(ROOT / "examples", folder / "examples")
        assert _missing(page, _run(page, folder)) == []
        return folder

    return walk


@pytest.mark.parametrize("page", [page for page in PAGES if _has_commands(page)])
def test_the_commands_of_a_page_work_and_print_what_it_shows(
    page: str, walked: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    if page in FIRST.values():
        walked(page)
        return
    if _GOES_ON.search((ROOT / page).read_text("utf-8")):
        shutil.copytree(walked(FIRST[str(Path(page).parent)]), folder)
    else:
        shutil.copytree(ROOT / "examples", folder / "examples")
    assert _missing(page, _run(page, folder)) == []


def test_commands_that_do_not_run_say_why() -> None:
    notes = [(page, note) for page in PAGES for language, note, _ in _blocks(page) if language == "sh" and note]
    assert notes and [one for one in notes if not re.fullmatch(r"no-test \S.*", one[1])] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_only_commands_and_options_that_exist(page: str) -> None:
    known = {file.stem for file in (ROOT / "xltool/cli").glob("*.py")}
    options = set(re.findall(r"--[a-z][a-z-]+", (ROOT / "docs/reference/commands.md").read_text("utf-8")))
    for line in re.findall(r"`(xltool .*?)`", (ROOT / page).read_text("utf-8")):
        command = re.match(r"xltool ([a-z]+)", line)
        assert command is None or command[1] in known, f"{page}: {line}"
        assert set(re.findall(r"--[a-z][a-z-]+", line)) <= options | {"--help", "--debug", "--version"}, (
            f"{page}: {line}"
        )


@pytest.mark.parametrize("page", [page for page in PAGES if "/" not in page])
def test_the_links_of_a_page_beside_docs_lead_somewhere(page: str) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / page).read_text("utf-8"))
    assert [target for target in targets if not (ROOT / target).exists()] == []


#: Files by every path that a page may call them by, and by their names alone.
_FILES = {
    name
    for base in (ROOT, ROOT / "xltool", ROOT / "templates")
    for folder in ("xltool", "templates", "tests", "benchmarks")
    for file in (*ROOT.glob("*.toml"), *(ROOT / folder).rglob("*.py"), *(ROOT / folder).rglob("*.toml"))
    if file.is_relative_to(base)
    for name in (str(file.relative_to(base)), file.name)
}


@pytest.mark.parametrize("page", [page for page in PAGES if page != "CHANGELOG.md"])
def test_the_files_of_the_house_that_a_page_names_are_there(page: str) -> None:
    named = re.findall(r"(?<![\w/.<>-])((?:[\w-]+/)*[\w-]+\.(?:py|toml))\b", (ROOT / page).read_text("utf-8"))
    assert [
        name for name in named if name not in _FILES and not re.search("ourcity-202[67]", name)
    ] == []  # that is the reader's own


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})
    assert done.returncode == 0 and "WARNING" not in done.stderr, done.stderr
    return folder


def test_the_site_builds_strictly_and_every_page_is_in_its_menu(site: Path) -> None:
    pages = {str(page.relative_to(site)) for page in site.rglob("*.html")} - {"404.html", "search.html"}
    assert pages == {
        *(page.removeprefix("docs/").replace(".md", ".html") for page in PAGES if page.startswith("docs/")),
        "contributing.html", "security.html", "changelog.html",
    }  # fmt: skip
    menu = (site / "index.html").read_text("utf-8")
    assert [page for page in pages if f'href="{page}"' not in menu and page != "index.html"] == []


def test_a_page_of_the_site_asks_nothing_of_the_internet(site: Path) -> None:
    for page in site.rglob("*.html"):
        assert re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="(?:https?:)?//', page.read_text("utf-8")) == [], page


def test_the_search_finds_chinese_words_inside_sentences(site: Path) -> None:
    import chromium
    from playwright.sync_api import sync_playwright

    program = chromium.needed()
    with sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"]).new_page()
        found = {}
        for words in ("催办清单", "签发 密钥", "没有这个词组"):
            page.goto(f"{(site / 'search.html').as_uri()}?q={words}")
            waiting = "document.getElementById('mkdocs-search-results').textContent.trim().endsWith('...')"
            page.wait_for_function(f"!{waiting}")  # the placeholder until the index is there
            found[words] = page.locator("#mkdocs-search-results a").evaluate_all("all => all.map(one => one.href)")
    assert any("ledger.html" in one for one in found["催办清单"]), found
    assert any("keys.html" in one for one in found["签发 密钥"]), found
    assert found["没有这个词组"] == []
    assert json.loads((site / "search/search_index.json").read_text("utf-8"))["docs"]
