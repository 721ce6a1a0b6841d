"""SIGKILL before any step of a refresh: the old guide or the new one, never some of each; the next run repairs.

In the suite some of the steps are taken; `REFRESH_KILLS=1000` takes all of them.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from epg.model import Channel as FedChannel
from epg.model import Name, Programme
from epg.xmltv_out import write
from middleware.domain.channels import Channel
from middleware.headend.fetching import OLD_S, forget_bodies
from middleware.services import guide, sources
from middleware.services.plan_ports import GuideSource
from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.middleware.test_fetching import Partner

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
CHANNELS = 3
LONG, SHORT = 60, 40
KILLS = int(os.environ.get("REFRESH_KILLS", "7"))


def feed(word: str, minutes: int) -> bytes:
    """Twelve hours of programmes of so many minutes, all with the word in their titles."""
    line_up = [FedChannel(f"c{n}.nanhu.cn", (Name(f"南湖{n}套", "zh"),)) for n in range(CHANNELS)]
    length = timedelta(minutes=minutes)
    rows = [
        Programme("", one.xmltv_id, NOW + n * length, NOW + (n + 1) * length, f"{word}{n}")
        for one in line_up
        for n in range(720 // minutes)
    ]
    return write(line_up, rows, at=NOW)


class Town:
    """A data folder that is looked at between the lives of the process that writes it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        db_upgrade(f"sqlite:///{data}/nanhu.db", data)

    def store(self) -> Store:
        return Store.open(f"sqlite:///{self.data}/nanhu.db", vault=Vault.load(self.data))

    def settle(self, url: str) -> None:
        store = self.store()

        def fill(uow) -> None:
            for n in range(CHANNELS):
                guide.add_channel(uow, Channel(0, f"c{n}.nanhu.cn", n + 1, f"南湖{n}套"))
            sources.put(uow, NOW, "test", GuideSource(0, "p", url))

        store.run_sync(fill)
        store.close()

    def forget_tag(self) -> None:
        store = self.store()
        store.run_sync(lambda uow: sources.kept_tags(uow, "p", "", ""))
        store.close()

    def seen(self) -> tuple[frozenset[str], int, frozenset[str], int]:
        """Words of published titles and their count, and the same of what the source is kept to have told."""
        store = self.store()

        def look(uow) -> tuple[list[str], list[str]]:
            shown = [row.programme.title for row in uow.guide.between(NOW, NOW + timedelta(days=1))]
            told = [
                one.title
                for n in range(CHANNELS)
                for one in uow.sources.told(f"c{n}.nanhu.cn", NOW, NOW + timedelta(days=1)).get("p", ())
            ]
            return shown, told

        shown, told = store.run_sync(look)
        store.close()
        return frozenset(one[0] for one in shown), len(shown), frozenset(one[0] for one in told), len(told)


class Lives:
    """The process that is forked and killed."""

    def __init__(self, data: Path) -> None:
        command = [sys.executable, "-m", "tests.crash.refreshing", str(data), NOW.isoformat()]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True)
        assert self._process.stdin
        assert self._process.stdout
        self._in, self._out = self._process.stdin, self._process.stdout
        assert self._out.readline() == "ready\n"

    def live(self, last: int) -> tuple[int, int]:
        """The signal that ended a refresh which was to be killed before a step, and how many steps it took if none."""
        print(last, file=self._in, flush=True)
        ended, steps, code = map(int, self._out.readline().split())
        assert code == 0
        return ended, steps

    def stop(self) -> None:
        self._in.close()
        self._process.wait(20)
        self._out.close()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    Partner.status, Partner.asked = 200, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Partner)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    made = Town(tmp_path)
    made.settle(f"http://127.0.0.1:{server.server_port}/epg.xml")
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def whole(word: str, minutes: int) -> tuple[frozenset[str], int, frozenset[str], int]:
    count = CHANNELS * 720 // minutes
    return frozenset(word), count, frozenset(word), count


def test_killed_before_any_step_of_a_refresh_the_guide_is_the_old_one_or_the_new_one(town: Town) -> None:
    lives = Lives(town.data)
    old, new = ("甲", LONG), ("乙", SHORT)
    steps: dict[tuple[str, int], int] = {}
    for word in (old, new, old):
        Partner.body = feed(*word)
        town.forget_tag()
        ended, steps[word] = lives.live(0)
        assert (ended, town.seen()) == (0, whole(*word))

    found, kills = [], min(KILLS, *steps.values())
    for kill in range(kills):
        Partner.body = feed(*new)
        town.forget_tag()
        assert lives.live(1 + kill * (steps[new] - 1) // (kills - 1))[0] == signal.SIGKILL
        seen = town.seen()
        assert seen in (whole(*old), whole(*new)), kill
        found.append(seen == whole(*new))
        assert lives.live(0)[0] == 0  # the next run repairs
        assert town.seen() == whole(*new)
        old, new = new, old
    lives.stop()

    assert (found[0], found[-1]) == (False, True)
    assert found == sorted(found)  # old until the commit, new behind it


def test_what_a_killed_fetch_left_is_removed_when_it_is_old(tmp_path: Path) -> None:
    old, young, other = (tmp_path / name for name in ("feed-old", "feed-young", "nanhu.db"))
    for path in (old, young, other):
        path.touch()
    for path in (old, other):
        os.utime(path, (NOW.timestamp() - OLD_S - 5,) * 2)
    os.utime(young, (NOW.timestamp(),) * 2)

    forget_bodies(tmp_path, NOW.timestamp() - OLD_S)

    assert sorted(tmp_path.iterdir()) == [young, other]
