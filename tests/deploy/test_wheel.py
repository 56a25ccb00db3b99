"""The wheel holds every file of the packages: rules, templates and tables as well as modules."""

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

from tests.deploy.files import ROOT

PACKAGES = ("alerting", "detectors", "models", "monitor", "streams")


def test_the_wheel_holds_the_packages_and_nothing_else(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (tree / project["readme"]).touch()
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    expected = {
        str(path.relative_to(tree)) for package in PACKAGES for path in (tree / package).rglob("*") if path.is_file()
    }
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    built = subprocess.run(
        [*build, "--wheel-dir", str(tmp_path), str(tree)], capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == expected
