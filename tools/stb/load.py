"""Many boxes at once: they boot spread over a while, then each polls in its slot; what the server makes of it."""

import asyncio
import csv
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import attrs
from attrs import define, field

from tools.stb.dialects import Client, client
from tools.stb.values import Answer, Ask, Box, Flow, Refused, Unreachable, strict

AT_ONCE = 400
"""Boxes that boot at the same time at most: the listen queue of a kernel is no part of the trial."""


@define
class Tally:
    """Seconds of every answer, and what went wrong by its reason."""

    seconds: list[float] = field(factory=list)
    refused: Counter[str] = field(factory=Counter)
    booted: int = 0
    polls: int = 0

    def lines(self, took: float) -> list[str]:
        """What is printed in the end."""
        kept = sorted(self.seconds) or [0.0]
        p50, p99 = (kept[int(len(kept) * part)] * 1000 for part in (0.5, 0.99))
        rate = len(self.seconds) / took if took else 0.0
        head = f"{self.booted} boxes booted, {self.polls} polls; {len(self.seconds)} requests in {took:.1f} s"
        out = [head, f"{rate:.0f} requests/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms, longest {kept[-1] * 1000:.0f} ms"]
        out.append(f"refusals: {sum(self.refused.values())}")
        return out + [f"  {count} x {why}" for why, count in self.refused.most_common(8)]


def box_number(box: Box, at: int) -> Box:
    """The box that comes `at` places after this one: MAC, serial, card and user count up."""
    mac = int(box.mac.replace(":", ""), 16) + at
    text = f"{mac % (1 << 48):012X}"
    names = {name: counted(getattr(box, name), at) for name in ("serial", "card", "user")}
    return attrs.evolve(box, mac=":".join(text[i : i + 2] for i in range(0, 12, 2)), **names)


def counted(name: str, at: int) -> str:
    """A name whose last figures count up: 07630001 becomes 07630008; a name without figures stays."""
    found = re.fullmatch(r"(.*?)(\d{1,18})", name)
    return f"{found[1]}{int(found[2]) + at:0{len(found[2])}d}" if found else name


COLUMNS: Mapping[str, tuple[str, ...]] = {
    "mac": ("mac", "MAC 地址"),
    "serial": ("serial", "序列号"),
    "card": ("card", "card_no", "智能卡号"),
    "user": ("user", "iptv_user", "IPTV 账号"),
    "password": ("iptv_password", "IPTV 密码", "password"),
}
"""What a field of a box may be called at the head of a list: ours, the sheet of `device import`, or demo.json."""


def listed(box: Box, path: Path) -> list[Box]:
    """Boxes with names and passwords of their own, from a CSV file or a demo.json; the rest is as of `box`. Raises
    Refused."""
    try:
        if path.suffix == ".json":
            rows = json.loads(path.read_text(encoding="utf-8"))["boxes"]
        else:
            rows = [*csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())]
        found = [attrs.evolve(box, **_told(row)) for row in rows]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
        raise Refused(f"{path}: no list of boxes: {error}") from None
    if not found:
        raise Refused(f"{path}: no boxes in it")
    return found


def _told(row: Mapping[str, str]) -> dict[str, str]:
    pairs = ((name, next((row[head] for head in heads if row.get(head)), "")) for name, heads in COLUMNS.items())
    return {name: value.strip() for name, value in pairs if value}


class Wire:
    """One connection of one box."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._host = ""

    async def run(self, flow: Flow[None]) -> None:
        """Drive a flow to its end."""
        steps = strict(flow)
        try:
            ask = next(steps)
            while True:
                ask = steps.send(await self._answer(ask))
        except StopIteration:
            return

    async def close(self) -> None:
        if self._ends is not None:
            self._ends[1].close()
            self._ends = None

    async def _answer(self, ask: Ask) -> Answer:
        parts = urlsplit(ask.url)
        begun = time.monotonic()
        try:
            async with asyncio.timeout(30):
                reader, writer = await self._ready(parts.hostname or "", parts.port or 80)
                writer.write(written(ask))
                answer, lasts = await read(reader, ask.url)
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
            await self.close()
            raise Unreachable(str(error) or type(error).__name__) from None
        self._tally.seconds.append(time.monotonic() - begun)
        if not lasts:
            await self.close()
        return answer

    async def _ready(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._ends is not None and self._host != f"{host}:{port}":
            await self.close()
        if self._ends is None:
            self._ends = await asyncio.open_connection(host, port, limit=1 << 22)
            self._host = f"{host}:{port}"
        return self._ends


def written(ask: Ask) -> bytes:
    """A request as it goes over the wire."""
    parts = urlsplit(ask.url)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    length = (("Content-Length", str(len(ask.body))),) if ask.method == "POST" else ()
    head = "".join(f"{name}: {value}\r\n" for name, value in (("Host", parts.netloc), *ask.headers, *length))
    return f"{ask.method} {target} HTTP/1.1\r\n{head}\r\n".encode() + ask.body


async def read(reader: asyncio.StreamReader, url: str) -> tuple[Answer, bool]:
    """An answer, and whether the connection lasts. Raises ValueError for one without a length."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = tuple(
        (name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in head[1:] if line)
    )
    answer = Answer(int(head[0].split(" ")[1]), pairs, b"", url)
    length = answer.header("content-length")
    if not length:
        raise ValueError("an answer without Content-Length")
    body = await reader.readexactly(int(length))
    return attrs.evolve(answer, body=body), answer.header("connection").lower() != "close"


async def live(one: Client, delay: float, until: float, tally: Tally, gate: asyncio.Semaphore) -> None:
    """One box: wait for power, boot, then poll once in each of its slots until the trial is over."""
    await asyncio.sleep(delay)
    wire = Wire(tally)
    async with gate:
        if await tried(wire, one.boot(), tally):
            tally.booted += 1
        await wire.close()
    while (wait := to_slot(one, time.time())) + time.monotonic() < until:
        await asyncio.sleep(wait)
        tally.polls += await tried(wire, one.poll(), tally)
        await wire.close()


def to_slot(one: Client, epoch: float) -> float:
    """Seconds until the box's next slot."""
    period = max(one.watchdog_s, 1)
    return (one.timeslot % period - epoch % period) % period or period


async def tried(wire: Wire, flow: Flow[None], tally: Tally) -> bool:
    """Whether a flow came to its end; why not goes into the tally."""
    try:
        await wire.run(flow)
    except (Refused, Unreachable) as error:
        tally.refused[str(error)[:160]] += 1
        return False
    return True


async def trial(boxes: Sequence[Box], boot_s: float, seconds: float, show: Callable[[str], None] = print) -> Tally:
    """Run all boxes; what came of it."""
    tally, gate, begun = Tally(), asyncio.Semaphore(AT_ONCE), time.monotonic()
    clients = [client(box, lambda _step, _learned: None) for box in boxes]
    waits = [boot_s * at / len(clients) for at in range(len(clients))]
    async with asyncio.TaskGroup() as group:
        for one, wait in zip(clients, waits, strict=True):
            group.create_task(live(one, wait, begun + seconds, tally, gate))
    for line in tally.lines(time.monotonic() - begun):
        show(line)
    return tally
