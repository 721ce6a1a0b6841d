"""`nanhu-tv check-config` says whether films are packaged without a network."""

from pathlib import Path

import pytest

from tests.cli.conftest import Nanhu
from vod import runner


@pytest.mark.parametrize(
    ("permitted", "words"), [(True, "ffmpeg runs with no network\n"), (False, "ffmpeg runs with the network of")]
)
def test_operators_are_told_what_ffmpeg_can_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, permitted: bool, words: str
) -> None:
    runner.seclusion.cache_clear()
    monkeypatch.setattr(runner, "_works", lambda _command: permitted)
    told = Nanhu(tmp_path).well("check-config")
    runner.seclusion.cache_clear()

    assert words in told
