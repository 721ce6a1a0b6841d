"""The wheel holds templates, scripts, key tables, demonstration data and hls.js, and nothing of the tests."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_wheel_carries_everything_that_a_town_needs(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path], cwd=ROOT, check=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())

    wanted = {
        "portal_pages/static/vendor/hls.min.js",
        "portal_pages/static/vendor/hls.LICENSE.txt",
        "portal_pages/static/keys.js",
        "portal_pages/templates/page.html",
        "keymap/families/ipanel.toml",
        "middleware/demo/data/town.toml",
        "middleware/storage/migrations/script.py.mako",
    }
    assert wanted <= names
    assert not any(name.startswith(("tests/", "tools/")) for name in names)


def test_nothing_third_party_is_committed() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert [line for line in listed.splitlines() if "vendor/" in line or "node_modules/" in line] == []
