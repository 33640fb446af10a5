"""What the site needs beside mkdocs: pages of the repository's root, the theme in Chinese, an index to search."""

from __future__ import annotations

import gettext
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import mkdocs

if TYPE_CHECKING:
    from jinja2 import Environment
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent.parent
#: Pages that lie beside docs/, by their names on the site.
ROOT_PAGES = {"contributing.md": "CONTRIBUTING.md", "security.md": "SECURITY.md", "changelog.md": "CHANGELOG.md"}
_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the root."""
    from mkdocs.structure.files import File

    for name, source in ROOT_PAGES.items():
        files.append(File.generated(config, name, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Markdown as mkdocs reads it: one word behind a fence, links between docs/ and the root."""
    markdown = re.sub(r"^```(\w+)[ \t]+.*$", r"```\1", markdown, flags=re.MULTILINE)
    name = page.file.src_uri
    if name in ROOT_PAGES:
        return _LINK.sub(lambda link: _from_root(link[1]), markdown)
    up = "../" * (name.count("/") + 1)
    for target, source in ROOT_PAGES.items():
        markdown = markdown.replace(f"]({up}{source}", f"]({up[3:]}{target}")
    return markdown


def _from_root(target: str) -> str:
    on_site = {source: name for name, source in ROOT_PAGES.items()}
    return on_site.get(target) or target.removeprefix("docs/")


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """The theme's own translation; mkdocs asks for Babel, 36 MB, to load it."""
    assert mkdocs.__file__ is not None
    folder = Path(mkdocs.__file__).parent / "themes/readthedocs/locales"
    env.add_extension("jinja2.ext.i18n")
    env.install_gettext_translations(gettext.translation("messages", folder, ["zh_CN"]))  # type: ignore[attr-defined]
    return env


def on_post_build(config: MkDocsConfig) -> None:
    """The index as a script: a page that was opened from a folder may not fetch JSON."""
    folder = Path(config.site_dir) / "search"
    index = json.loads((folder / "search_index.json").read_text("utf-8"))["docs"]
    pages = {entry["location"]: entry["title"] for entry in index}
    # The first heading of a page is the page once more.
    index = [
        {**entry, "text": entry["text"].replace("\u00b6", " ")}
        for entry in index
        if "#" not in entry["location"] or entry["title"] != pages[entry["location"].partition("#")[0]]
    ]
    (folder / "index.js").write_text(f"var search_index = {json.dumps(index, ensure_ascii=False)};\n", "utf-8")
