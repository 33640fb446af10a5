"""The wheel, the sdist and the editable install all bring templates, schemas and examples."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from project import ROOT

DATA = ["templates/mof-2020/1/form.toml", "templates/shanghai-2020/1/rules.toml", "templates/workbook.toml",
        "templates/platform.toml", "schema/platform.schema.json", "schema/form.schema.json", "schema/record.schema.json", "examples/form1.json"]  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", target, ROOT], check=True, capture_output=True
    )
    return target


def test_the_wheel_brings_its_data(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert [one for one in (*DATA, "py.typed") if f"xltool/{one}" not in names] == []
    assert not any(name.startswith(("tests/", "docs/")) for name in names)


def test_the_sdist_brings_its_data(built: Path) -> None:
    [sdist] = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert [one for one in [*DATA, "tests/conftest.py", "Makefile", "requirements.lock"] if one not in names] == []


def test_the_wheel_works_where_there_is_no_checkout(built: Path, tmp_path: Path) -> None:
    """A bare environment with the wheel alone; its dependencies are lent from ours."""
    [wheel] = built.glob("*.whl")
    target = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(target)
    code = "import xltool, sys; from xltool.cli import main; assert 'site' in xltool.__file__, xltool.__file__; main(['demo', 'out'])"
    environment = {**os.environ, "PYTHONPATH": str(target)}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    assert len((tmp_path / "out/results.jsonl").read_text("utf-8").splitlines()) == 2


def test_this_environment_finds_its_data_beside_the_package() -> None:
    from xltool.support import resources

    assert (resources.folder("templates") / "workbook.toml").exists()
