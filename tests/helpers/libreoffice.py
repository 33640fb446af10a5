"""LibreOffice as the oracle: opens workbooks with a forced recalculation, and saves or prints them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest

#: One command converts at most 246 files and says nothing about the rest.
BATCH = 200

_ALWAYS_RECALCULATE = "".join(
    f'<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="{name}" oor:op="fuse">'
    "<value>0</value></prop></item>"
    for name in ("OOXMLRecalcMode", "ODFRecalcMode")
)
_SETTINGS = f"""<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">{_ALWAYS_RECALCULATE}</oor:items>
"""


@cache
def program() -> str | None:
    return shutil.which("soffice") or shutil.which("libreoffice")


def needed() -> None:
    """Skip without the oracle on a developer's machine; fail in CI."""
    if program() is None:
        if os.environ.get("CI"):
            pytest.fail("LibreOffice is missing: in CI the oracle must be there (make test installs it)")
        pytest.skip("LibreOffice is not installed")


def converted(files: list[Path], target: Path, to: str = "xlsx:Calc MS Excel 2007 XML") -> list[Path]:
    """Every file opened, recalculated and saved under its own name into ``target``."""
    needed()
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="lo-profile-") as profile:
        user = Path(profile) / "user"
        user.mkdir()
        (user / "registrymodifications.xcu").write_text(_SETTINGS, "utf-8")
        for start in range(0, len(files), BATCH):
            batch = [str(file) for file in files[start : start + BATCH]]
            command = [
                str(program()),
                f"-env:UserInstallation={Path(profile).as_uri()}",
                "--headless",
                "--convert-to",
                to,
            ]
            subprocess.run([*command, "--outdir", str(target), *batch], check=True, capture_output=True, timeout=900)
    made = [target / f"{file.stem}.{to.partition(':')[0]}" for file in files]
    missing = [file.name for file in made if not file.exists()]
    assert not missing, f"LibreOffice did not convert {missing}"
    return made
