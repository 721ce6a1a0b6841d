"""Television in a town that has no channel yet."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from tests.portal.portal_town import PortalTown


def test_back_on_home_says_that_there_is_no_channel(
    portal_town_with: Callable[..., PortalTown], tmp_path: Path
) -> None:
    town = portal_town_with(demonstration=True)
    with sqlite3.connect(tmp_path / "town0" / "nanhu.db") as file:
        file.executescript("DELETE FROM programmes; DELETE FROM channels;")

    page = town.tv().page("tv")

    assert page.status == 200
    assert "还没有电视频道" in page.body
