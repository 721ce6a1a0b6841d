"""A plan of short programmes for a demonstration town: in a few minutes a channel crosses what else takes an evening.

Films of 12 and 18 s take turns with programmes that fillers stand in for, each beginning on a second of its own, so
that idents of every length close the gaps; later editors change what is to come, in the middle of a programme.
"""

import random
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from epg.approval import Day
from epg.planning import Content, Item, Rules, broadcast_day
from middleware.domain.events import ContentChanged
from middleware.services import ledger
from middleware.services.ports import UnitOfWork
from middleware.storage.secrets import Vault
from middleware.storage.store import Store

LENGTHS: Final = (12, 18, 12, 18)
"""Seconds of the films that are made."""
BEGIN: Final = timedelta(seconds=50)
"""From the start of the server to the first programme: rows are written half a minute ahead."""
EDIT: Final = timedelta(seconds=45)
LOOKS: Final = ("testsrc2", "smptehdbars", "testsrc", "smptebars")


@frozen
class Crossed:
    """What was on meanwhile: how often the programme changed, how many runs of segments, and the kinds of rows."""

    changes: int
    runs: int
    kinds: frozenset[str]


def films(run: Callable[..., str], folder: Path) -> tuple[int, ...]:
    """Make and package the short films; `run` is the program's command line. Their numbers."""
    out = []
    for at, seconds in enumerate(LENGTHS):
        look = f"{LOOKS[at]}=s=640x360:r=25"
        given = ["-f", "lavfi", "-i", look, "-f", "lavfi", "-i", f"sine=f={300 + 100 * at}", "-t", str(seconds)]
        source = folder / f"short-{at}.mp4"
        made = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", str(source)]
        subprocess.run(["ffmpeg", "-v", "error", "-y", *given, *made], check=True)
        words = ("--title", f"短片 {at + 1}", "--column", "channel", "--seconds", str(seconds))
        out.append(int(run("asset", "add", str(source), *words).split(":", 1)[0].rsplit(" ", 1)[1]))
    return tuple(out)


def programmes(
    start: datetime, until: datetime, assets: Sequence[int], dice: random.Random, name: str
) -> tuple[Item, ...]:
    """Programmes of 12 to 24 s one after the other, of which every fifth has no film."""
    items, at = [], start
    while at < until:
        place = len(items)
        film = place % len(assets)
        seconds = LENGTHS[film] + dice.choice([0, 2, 3, 4, 5])
        content = Content(f"节目 {place + 1}", asset=assets[film], media_s=LENGTHS[film])
        if place % 5 == 4:
            seconds, content = dice.randint(12, 22), Content(f"节目 {place + 1}", live=True)
        stop = at + timedelta(seconds=seconds)
        items.append(Item(f"{name}-{place}", at, stop, content, "fixed"))
        at = stop
    return tuple(items)


class Evening:
    """The plan of one channel in a data folder, from now on for so many seconds."""

    def __init__(self, data: Path, channel: str, assets: Sequence[int], seconds: float) -> None:
        self._store = Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))
        self._channel, self._assets, self._dice = channel, assets, random.Random(5)
        self._length = timedelta(seconds=seconds)
        self._items: tuple[Item, ...] = ()
        self.begins = _second() + BEGIN

    def write(self) -> None:
        """Approve the programmes, in the place of whatever was planned."""
        self._items = programmes(self.begins, self.begins + self._length, self._assets, self._dice, "a")
        self._store.run_sync(self._put)

    def edit(self) -> None:
        """Approve other programmes from a second in the middle of one on, as soon as viewers can see them."""
        at = _second() + EDIT
        before = [evolve(item, stop=min(item.stop, at)) for item in self._items if item.start < at]
        later = programmes(at, self.begins + self._length, self._assets[::-1], self._dice, "b")
        self._items = (*before, *later)
        self._store.run_sync(self._put)

    def crossed(self, start: float, stop: float) -> Crossed:
        """What viewers saw between two instants (epoch seconds), 18 s behind the clock."""
        begin, end = round(start * 1000) - 18_000, round(stop * 1000) - 18_000
        known = self._store.run_sync(lambda uow: ledger.effective(uow, self._channel, begin))
        runs = known.runs(begin, end)
        names = [run.row.programme_uid for run in runs]
        changes = sum(one != other for one, other in pairwise(names))
        return Crossed(changes, len(runs), frozenset(run.kind for run in runs))

    def close(self) -> None:
        self._store.close()

    def _put(self, uow: UnitOfWork) -> None:
        now = datetime.now(UTC)
        days: dict[date, list[Item]] = {}
        for item in self._items:
            days.setdefault(broadcast_day(item.start, Rules(self._channel)), []).append(item)
        for day in sorted(days):
            newest = max((one.revision for one in uow.plans.revisions(self._channel, day)), default=0)
            uow.plans.put_day(
                Day(self._channel, day, newest + 1, "approved", tuple(days[day]), "bench", now, "short programmes")
            )
        uow.outbox.add(ContentChanged("plan"))


def _second() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
