"""The program on a data folder of its own, in this process or as a process."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from click.testing import CliRunner, Result

from middleware.cli import main

PROGRAM = str(Path(sys.executable).with_name("nanhu-tv"))
ROSTER = """村,支部,户号,地址,编号,姓名,党小组,手机号
石桥村,石桥村党支部,03001,石桥村东街 1 号,b03-001,周立春,1,13806330001
石桥村,石桥村党支部,03001,石桥村东街 1 号,b03-002,周明亮,1,13806330002
石桥村,石桥村党支部,03002,石桥村东街 2 号,b03-003,田玉山,2,13806330003
"""


@frozen
class Nanhu:
    """Runs commands on one data folder."""

    data: Path

    def __call__(self, *words: str, **options: Any) -> Result:
        return CliRunner().invoke(main, ["--data", str(self.data), *words], **options)

    def well(self, *words: str) -> str:
        """Run a command that must succeed; its output."""
        result = self(*words)
        assert result.exit_code == 0, f"{words}: {result.output} {result.exception!r}"
        return str(result.output)

    def fault(self, *words: str) -> str:
        """Run a command that must end with one line and exit code 1; the line without the program's name."""
        result = self(*words)
        assert result.exit_code == 1, f"{words}: {result.output} {result.exception!r}"
        return one_line(result.stderr)

    def process(self, *words: str, under: Sequence[str] = (), **options: Any) -> "subprocess.CompletedProcess[str]":
        """Run a command as a process of its own, `under` a program that puts it into another frame."""
        command = [*under, PROGRAM, "--data", str(self.data), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)


def one_line(stderr: str) -> str:
    """The one line that a fault prints."""
    lines = stderr.strip().splitlines()
    assert len(lines) == 1, stderr
    assert lines[0].startswith("nanhu-tv: "), stderr
    return lines[0].removeprefix("nanhu-tv: ")


@pytest.fixture(scope="session")
def small_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one village, its branch and three members, made by the commands an operator would use."""
    data = tmp_path_factory.mktemp("small") / "data"
    nanhu = Nanhu(data)
    nanhu.well("db", "upgrade")
    nanhu.well("place", "add", "village", "v03", "石桥村")
    nanhu.well("place", "add", "branch", "b03", "石桥村党支部", "--village", "v03")
    roster = data.parent / "roster.csv"
    roster.write_text(ROSTER, encoding="gbk")
    nanhu.well("roster", "import", str(roster))
    return data


@pytest.fixture
def nanhu(small_town: Path, tmp_path: Path) -> Nanhu:
    """The program on a copy of the small town."""
    subprocess.run(["cp", "-a", str(small_town), str(tmp_path / "data")], check=True)
    return Nanhu(tmp_path / "data")


@pytest.fixture
def empty(tmp_path: Path) -> Nanhu:
    """The program on a folder that does not exist yet."""
    return Nanhu(tmp_path / "new" / "data")


@pytest.fixture
def bound_by_rights() -> Sequence[str]:
    """What to run a process under, so that rights of files hold for it also when the tests run as root."""
    if os.geteuid() != 0:
        return ()
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")
