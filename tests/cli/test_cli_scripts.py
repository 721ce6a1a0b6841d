"""tools/run on machines where it cannot go on: one line that says what to type, and nothing else done."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import one_line

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("bash", "cat", "cut", "dirname", "env", "grep", "head", "id", "sha256sum", "tail")
"""What every Debian machine has and the scripts use."""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A fresh clone as far as the scripts look at it, beside a folder of programs that a bare machine has."""
    (tmp_path / "clone" / "tools").mkdir(parents=True)
    for name in ("tools/run", "tools/setup.sh", "pyproject.toml", "constraints.txt", "package-lock.json"):
        shutil.copy2(ROOT / name, tmp_path / "clone" / name)
    (tmp_path / "bin").mkdir()
    for name in TOOLS:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or f"/usr/bin/{name}")
    return tmp_path / "clone"


@pytest.fixture
def run(clone: Path) -> Run:
    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [str(clone.parent / "bin" / "bash"), str(clone / "tools" / "run"), *words]
        path = {"PATH": str(clone.parent / "bin")}
        return subprocess.run(command, env=path, capture_output=True, text=True, timeout=60, check=False)

    return run


def _program(clone: Path, name: str, script: str) -> None:
    path = clone.parent / "bin" / name
    path.write_text(f"#!{shutil.which('bash')}\n{script}\n")
    path.chmod(0o755)


def test_without_a_python_of_our_age(clone: Path, run: Run) -> None:
    _program(clone, "python3", 'if [ "$1" = --version ]; then echo Python 3.9.2; else exit 1; fi')

    done = run()

    assert done.returncode == 1
    line = one_line(done.stderr)
    assert "needs Python 3.11 or newer (found: Python 3.9.2)" in line
    assert "apt-get install python3" in line
    assert not (clone / ".venv").exists()


def test_without_any_python(run: Run) -> None:
    done = run()

    assert done.returncode == 1
    assert one_line(done.stderr) == (
        "missing Debian packages; type: sudo apt-get install --no-install-recommends "
        "python3 python3-venv nodejs npm ffmpeg fonts-noto-cjk"
    )


def test_without_packages_it_may_not_install(clone: Path, run: Run) -> None:
    _program(clone, "python3", 'case "$*" in *ensurepip*) exit 1 ;; esac')
    _program(clone, "npm", "exit 0")
    _program(clone, "dpkg-query", "exit 1")

    done = run()

    assert done.returncode == 1
    assert one_line(done.stderr) == (
        "missing Debian packages; type: sudo apt-get install --no-install-recommends python3-venv ffmpeg fonts-noto-cjk"
    )
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--data",), "--data needs a folder"),
        (("--port",), "--port needs a number"),
        (("--host",), "--host needs an address"),
        (("--port", "eighty"), "--port needs a number, not 'eighty'"),
        (("--demo",), "does not know --demo"),
    ],
)
def test_options_that_make_no_sense(run: Run, words: tuple[str, ...], line: str) -> None:
    done = run(*words)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"nanhu-tv: {line}"


def test_help_names_every_option(run: Run) -> None:
    done = run("--help")

    assert done.returncode == 0
    assert all(option in done.stdout for option in ("--data", "--port", "--host", "--no-demo"))
