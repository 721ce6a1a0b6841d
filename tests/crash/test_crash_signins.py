"""SIGKILL at random during 2,000 sign-ins: every acknowledged one is there at once, none is doubled, none is lost."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import frozen
from sqlalchemy import create_engine, select

from middleware.domain.registry import HouseholdDraft, MemberDraft
from middleware.services.rollcall import Opening, close, open_rollcall
from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from middleware.storage.tables import signins

ROOT = Path(__file__).resolve().parents[2]
SIGN_INS, KILLS, WINDOW = 2000, 8, 40


@frozen
class Press:
    """What a box sends, and sends again with the same key until it hears of it."""

    key: str
    line: bytes


class Server:
    """The process that is killed."""

    def __init__(self, data: Path) -> None:
        command = [sys.executable, "-m", "tests.crash.signing", str(data)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        assert self._process.stdin
        assert self._process.stdout
        self._in, self._out = self._process.stdin, self._process.stdout
        assert self._out.readline() == b"ready\n"

    def send(self, presses: list[Press]) -> None:
        self._in.write(b"".join(press.line for press in presses))
        self._in.flush()

    def hear(self, count: int) -> list[str]:
        """Read so many acknowledgements and return their keys."""
        return [_acknowledged(self._out.readline()) for _ in range(count)]

    def kill(self) -> list[str]:
        """End it as a power cut would; what it had told before still counts."""
        self._process.send_signal(signal.SIGKILL)
        rest = self._out.read()
        self._process.wait()
        self._in.close()
        self._out.close()
        return [_acknowledged(line) for line in rest.splitlines(keepends=True) if line.endswith(b"\n")]

    def stop(self) -> int:
        self._in.close()
        self._out.read()
        self._out.close()
        return self._process.wait(20)


def _acknowledged(line: bytes) -> str:
    key, outcome = line.decode().split()
    assert outcome == "accepted", line
    return key


@pytest.fixture
def data(tmp_path: Path) -> Path:
    db_upgrade(f"sqlite:///{tmp_path}/nanhu.db", tmp_path)
    return tmp_path


def _store(data: Path) -> Store:
    return Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))


def _settle(store: Store) -> tuple[int, list[Press]]:
    """Write the town and open a roll-call; returns it with one press per member."""

    def write(uow):
        village = uow.places.add_village("v01", "南湖村")
        branch = uow.places.add_branch("b01", "南湖村党支部", village.id)
        uow.registry.add_households([HouseholdDraft(f"{n:05d}", village.id) for n in range(SIGN_INS // 2)])
        homes = [home.id for home in uow.registry.households()]
        people = [MemberDraft(f"m{n:05d}", "某某", branch.id, household_id=homes[n // 2]) for n in range(SIGN_INS)]
        uow.registry.add_members(people)
        rollcall = open_rollcall(uow, datetime.now(UTC), None, Opening("主题党日", "town", minutes=60))
        return rollcall.id, uow.registry.members()

    rollcall, members = store.run_sync(write)
    return rollcall, [
        Press(f"k{one.id}", f"{rollcall} {one.household_id} {one.household_id} {one.id} k{one.id}\n".encode())
        for one in members
    ]


def _on_disk(data: Path) -> Counter[str]:
    engine = create_engine(f"sqlite:///{data}/nanhu.db")
    with engine.begin() as connection:
        keys = Counter(key.rpartition(":")[2] for key in connection.execute(select(signins.c.key)).scalars())
    engine.dispose()
    return keys


def _live(data: Path, presses: list[Press], told: set[str], dice: random.Random) -> None:
    """One life of the server: some windows are answered, in the last one it is killed at a random instant."""
    server = Server(data)
    waiting = [press for press in presses if press.key not in told]
    again = dice.sample([press for press in presses if press.key in told], min(10, len(told)))
    server.send(again)
    server.hear(len(again))
    for _ in range(dice.randrange(1, 4)):
        window, waiting = waiting[:WINDOW], waiting[WINDOW:]
        server.send(window)
        told.update(server.hear(len(window)))
    last = waiting[: dice.choice((1, WINDOW, 5 * WINDOW))]
    for start in range(0, len(last), WINDOW // 2):
        server.send(last[start : start + WINDOW // 2])
        time.sleep(dice.uniform(0, 0.004))
    time.sleep(dice.uniform(0, 0.02))
    told.update(server.kill())


@pytest.mark.slow
def test_killed_at_random_no_acknowledged_sign_in_is_lost_and_none_is_doubled(data: Path) -> None:
    dice, told = random.Random(20251122), set[str]()
    store = _store(data)
    rollcall, presses = _settle(store)
    store.close()
    dice.shuffle(presses)

    for _ in range(KILLS):
        _live(data, presses, told, dice)
        written = _on_disk(data)  # before anything is sent again, which would hide a loss
        assert told <= written.keys()
        assert set(written.values()) == {1}

    server = Server(data)
    for start in range(0, SIGN_INS, 500):
        server.send(presses[start : start + 500])
        told.update(server.hear(len(presses[start : start + 500])))
    assert server.stop() == 0

    assert len(told) == SIGN_INS
    assert _on_disk(data) == Counter(press.key for press in presses)
    store = _store(data)
    now = datetime.now(UTC) + timedelta(minutes=1)
    closing = store.run_sync(lambda uow: close(uow, now, None, rollcall))
    store.close()
    assert (closing.total.expected, closing.total.attended) == (SIGN_INS, SIGN_INS)
