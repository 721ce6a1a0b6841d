"""How far a long command is, where no terminal shows a bar."""

import pytest

from middleware.commands.progress import bar


def test_without_a_terminal_every_title_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with bar("Films") as tell:
        tell("湖上新桥通车了", 0.0)
        tell("湖上新桥通车了", 0.1)
        tell("正月十五闹花灯", 0.125)

    assert capsys.readouterr().out.splitlines() == ["Films", "    0%  湖上新桥通车了", "   12%  正月十五闹花灯"]
