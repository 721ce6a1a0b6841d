"""A town for trials: known boxes of every dialect, channels and programmes, served by the real program.

Tests and benches build it straight in the store, so that they know every name and secret in it.
"""

import contextlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import psutil
from attrs import evolve, frozen

from epg.model import Programme
from middleware.domain.accounts import Account
from middleware.domain.channels import Channel
from middleware.domain.devices import Device
from middleware.domain.registry import HouseholdDraft, Staff
from middleware.services import assets, operators, staff
from middleware.services.assets import AssetDraft
from middleware.services.ports import Airing
from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from middleware.storage.uow import SqlUnitOfWork
from vod.catalogue import Edition, Package, Rendition
from vod.library import Library

PROGRAM: Final = str(Path(sys.executable).with_name("nanhu-tv"))
SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
NAMES: Final = ("南湖新闻", "日照综合", "农科,三农", "少儿=动画", "戏曲'老调'", "党员远程教育")
TITLES: Final = ("晨光播报", "三农;天地", "茶乡纪事", "南湖新闻联播", "渔家故事", "乡村大舞台")
CATALOGUE: Final = ((0, 0, 2, 0), (2, 0, 7, 30), (7, 30, 12, 0), (12, 0, 18, 0), (18, 0, 22, 30), (22, 30, 26, 0))
"""Begin and end of the day's programmes, hours and minutes; the last one runs over midnight."""
PASSWORD: Final = "31415926"
ADMIN: Final = "li.zhuren"
LOGIN: Final = "home9"
LOGIN_PASSWORD: Final = "lake-and-bridge"


@frozen
class TelecomBox:
    """A telecom box that can log in."""

    user: str
    password: str
    serial: str
    mac: str


@frozen
class Trial:
    """The folder, and who is in it: MACs of MAG boxes, telecom boxes, smart cards with the MACs of their boxes."""

    data: Path
    mags: tuple[str, ...]
    telecoms: tuple[TelecomBox, ...]
    cards: tuple[tuple[str, str], ...]
    asking: str
    """The MAC of a MAG box that must log in as LOGIN with LOGIN_PASSWORD."""
    billing: str
    """The secret of the program `billing`, which may do everything by REST; the password of the administrator ADMIN."""

    def copy(self, folder: Path) -> "Trial":
        """The same town in another folder."""
        shutil.copytree(self.data, folder)
        return evolve(self, data=folder)


def mac(at: int, maker: int = 0x001A79000000) -> str:
    """The MAC of a box by its number."""
    text = f"{maker + at:012X}"
    return ":".join(text[i : i + 2] for i in range(0, 12, 2))


def telecom(at: int, scheme: str = "") -> tuple[TelecomBox, Device]:
    """A telecom box by its number, as it knows itself and as it is stored."""
    address = mac(at, 0xACB1EE000000)
    serial = f"0010039900706820{at:04d}{address.replace(':', '')}"
    user = f"0763{at:04d}"
    device = Device(0, serial=serial, iptv_user=user, mac=address, state="active", scheme=scheme)
    return TelecomBox(user, PASSWORD, serial, address), device


def build(data: Path, *, mags: int = 4, telecoms: int = 4, channels: int = 6, now: datetime | None = None) -> Trial:
    """Write the town into a new folder."""
    data.mkdir(parents=True, exist_ok=True)
    Vault.create(data)
    db_upgrade(f"sqlite:///{data}/nanhu.db", data)
    store = Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))
    at = now or datetime.now(UTC)
    try:
        store.run_sync(lambda uow: add_guide(uow, at, channels), "guide")
        store.run_sync(lambda uow: _add_film(uow, data, at), "film")
        return store.run_sync(lambda uow: _people(uow, data, at, mags, telecoms), "boxes")
    finally:
        store.close()


def _people(uow: SqlUnitOfWork, data: Path, now: datetime, mags: int, telecoms: int) -> Trial:
    village = uow.places.add_village("v1", "南湖村")
    codes = [f"h{n:05d}" for n in range(mags + telecoms + 2)]
    uow.registry.add_households([HouseholdDraft(code, village.id) for code in codes])
    homes = [home.id for _, home in sorted(uow.registry.households_by_code(codes).items())]
    macs = tuple(mac(at) for at in range(1, mags + 1))
    found = [Device(0, mac=one, household_id=homes[at], state="active") for at, one in enumerate(macs)]
    known = [telecom(at) for at in range(1, telecoms + 1)]
    for home, (box, device) in zip(homes[mags:], known, strict=False):
        stored = uow.devices.add(_at_home(device, home), now)
        uow.devices.set_iptv_password(stored.id, box.password)
    card = Device(0, mac=mac(1, 0x0019C6000000), card_no="8763000100020003", household_id=homes[-2], state="active")
    uow.devices.add_all([*found, card], now)
    asking = mac(0x9999)
    account = uow.accounts.add(Account(0, "63009", LOGIN, "王秀兰", homes[-1]))
    uow.accounts.set_password(account.id, LOGIN_PASSWORD)
    _user, billing = operators.make(uow, now, "trial", "billing")
    staff.add_account(uow, now, None, Staff(0, ADMIN, "李主任", "admin"), billing)
    return Trial(data, macs, tuple(box for box, _ in known), ((card.card_no, card.mac),), asking, billing)


def _at_home(device: Device, household_id: int) -> Device:
    return Device(
        0, device.mac, device.serial, device.card_no, device.iptv_user, household_id, state=device.state,
        scheme=device.scheme,
    )  # fmt: skip


def _add_film(uow: SqlUnitOfWork, data: Path, now: datetime) -> None:
    """A film of three segments, which plays on every channel too; its segments hold packets without a picture."""
    work, library = data / "work", Library(data)
    library.prepare()
    (work / "540").mkdir(parents=True)
    segment = b"\x47\x1f\xff\x10" + b"\xff" * 184
    for number in range(3):
        (work / "540" / f"{number:05d}.ts").write_bytes(segment)
    (work / "poster.jpg").write_bytes(b"\xff\xd8\xff\xd9")
    rung = Rendition(
        540,
        960,
        540,
        25_000,
        "avc1.4d401f,mp4a.40.2",
        1_800_000,
        1_600_000,
        7200,
        (188,) * 3,
        (sha256(segment).hexdigest(),) * 3,
    )
    draft = AssetDraft("style", "湖上新桥通车了", origin="trial/1")
    package = Package(work, Edition((540_000,) * 3, (rung,)))
    assets.add_asset(uow, now, draft, package, lambda asset, rev: library.publish(work, asset, rev))


def add_guide(uow: SqlUnitOfWork, now: datetime, channels: int) -> None:
    """Channels with multicast and time shift, and programmes from yesterday to tomorrow."""
    for at in range(1, channels + 1):
        name = NAMES[at - 1] if at <= len(NAMES) else f"南湖频道{at}"
        kept = uow.guide.add_channel(
            Channel(
                0, f"ch{at}.nanhu.tv", at, name, url="/v/1-1/master.m3u8", position=at, hd=at % 2 == 0, archive_h=168,
                multicast=f"igmp://239.76.{at >> 8}.{at & 255}:5140", timeshift_url=f"rtsp://10.0.0.9/PLTV/1/224/{at}.smil",
                archive_url="http://10.0.0.9/archive/{start}-{duration}.m3u8",
            )
        )  # fmt: skip
        rows = programmes(f"ch{at}.nanhu.tv", now)
        uow.guide.write([Airing(0, kept.id, "trial", one) for one in rows], (), ())


def programmes(xmltv_id: str, now: datetime) -> list[Programme]:
    """Three days of one channel, the first one yesterday."""
    midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    out = []
    for day in range(3):
        for turn, (hour, minute, until, past) in enumerate(CATALOGUE):
            start = midnight + timedelta(days=day, hours=hour, minutes=minute)
            stop = midnight + timedelta(days=day, hours=until, minutes=past)
            if day and turn == 0:
                continue  # the programme of the evening before still runs
            title = f"{TITLES[turn]} {start:%m月%d日}"
            out.append(Programme(f"{xmltv_id}-{day}-{turn}", xmltv_id, start, stop, title))
    return out


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@frozen
class Served:
    """The running program: where, its process, and the file of its log."""

    base: str
    host: str
    port: int
    process: psutil.Process
    log: Path

    def said(self) -> str:
        """All that it has logged."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def serving(
    data: Path, *, settings: str = "", host: str = "127.0.0.1", program: tuple[str, ...] = (PROGRAM,)
) -> Iterator[Served]:
    """The program on a free port with these settings (TOML) until the block ends.

    Raises AssertionError with its log when it does not come up, or has ended by itself.
    """
    port, config, log = free_port(host), data / "trial.toml", data / "server.log"
    config.write_text(settings, encoding="utf-8")
    words = [*program, "--data", str(data), "--config", str(config), "serve", "--host", host, "--port", str(port)]
    with log.open("ab") as out:
        server = subprocess.Popen(words, stdout=out, stderr=out)
    try:
        _until(lambda: _open(host, port), server, log)
        yield Served(f"http://{host}:{port}", host, port, psutil.Process(server.pid), log)
        assert server.poll() is None, log.read_text(encoding="utf-8")[-4000:]
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _open(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), 1).close()
    except OSError:
        return False
    return True


def _until(done: Callable[[], bool], server: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(400):
        if server.poll() is not None or done():
            break
        time.sleep(0.05)
    assert server.poll() is None, log.read_text(encoding="utf-8")[-4000:]
    assert done(), "it does not listen"
