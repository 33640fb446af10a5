"""Chromium as a reviewer's browser: opens a report from a file, and notes all that should not happen."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page


def needed() -> str:
    """Where it is; skip without it on a developer's machine, fail in CI."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing: in CI it must be there (make test installs it)")
        pytest.skip("Chromium is not installed")
    return program


@dataclass
class Watched:
    """A page and what happened on it.

    Attributes:
        trouble: messages on the console, errors of scripts, dialogs, requests that leave the page.
    """

    page: Page
    trouble: list[str] = field(default_factory=list)


@contextmanager
def opened(file: Path, width: int = 1366, height: int = 900) -> Iterator[Watched]:
    """The file opened in a new browser, once its table is there."""
    from playwright.sync_api import sync_playwright

    program = needed()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": width, "height": height})
        watched, address = Watched(page), file.as_uri()
        page.on("console", lambda message: watched.trouble.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: watched.trouble.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (watched.trouble.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on(
            "request", lambda request: None if request.url.startswith(address) else watched.trouble.append(request.url)
        )
        page.goto(address)
        page.wait_for_selector("#table tbody tr")
        yield watched
        browser.close()


def counted(page: Page, wanted: str) -> None:
    """Wait until the number of forms that are shown reads so; the page's policy forbids to evaluate conditions in it."""
    from playwright.sync_api import expect

    expect(page.locator("#count")).to_have_text(re.compile(wanted), timeout=5000)
