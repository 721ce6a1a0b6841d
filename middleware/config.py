"""Settings: one TOML file, one frozen tree, a pure loader that lists every fault with its path."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import attrs
from attrs import frozen

T = TypeVar("T")
Check = Callable[[Any], str | None]


@frozen
class Fault:
    """What is wrong with one setting: its dotted path and a sentence."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class BadConfig(Exception):
    """The settings cannot be used; `faults` lists all of them at once."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def _between(low: int, high: int) -> Check:
    return lambda value: None if low <= value <= high else f"must be between {low} and {high}, is {value}"


def _one_of(*words: str | int) -> Check:
    return lambda value: None if value in words else f"must be one of {', '.join(map(str, words))}, is {value!r}"


def _database_url(value: str) -> str | None:
    if value.startswith(("sqlite:///", "postgresql+psycopg://")) or value == "":
        return None
    return "must start with sqlite:/// or postgresql+psycopg://, or be empty for SQLite in the data folder"


def _web_address(value: str) -> str | None:
    return None if value == "" or value.startswith(("http://", "https://")) else "must start with http:// or https://"


def _ports(values: Any) -> str | None:
    wrong = [port for port in values if not 1 <= port <= 65535]
    return f"must hold ports between 1 and 65535, {wrong[0]} is none" if wrong else None


def _each(sound: Callable[[Any], Any], what: str) -> Check:
    return lambda values: next((f"must hold {what}, {one!r} is none" for one in values if not sound(one)), None)


def _like(shape: str, what: str) -> Check:
    return lambda value: None if re.fullmatch(shape, value) else f"must be {what}, is {value!r}"


def _zone(value: str) -> str | None:
    return None if value in available_timezones() else f"there is no time zone {value!r}"


def _upload_address(value: str) -> str | None:
    """None of its faults repeats the address: it may hold a secret."""
    if wrong := _web_address(value):
        return wrong
    try:
        parts = urlsplit(value)
        sound = value == "" or (parts.hostname and parts.port != 0 and re.fullmatch(r"[!-~]{1,2000}", value))
    except ValueError:
        return "is no web address"
    if "@" in parts.netloc:
        return "must not hold user and password, which have settings of their own"
    return None if sound else "is no web address"


def _folder(value: str) -> str | None:
    return None if value == "" or Path(value).is_absolute() else f"must begin with /, is {value!r}"


def _setting(default: Any, about: str, check: Check | None = None, *, secret: bool = False) -> Any:
    return attrs.field(default=default, repr=not secret, metadata={"about": about, "check": check, "secret": secret})


@frozen
class Server:
    host: str = _setting("127.0.0.1", "address to listen on")
    port: int = _setting(8080, "port to listen on", _between(1, 65535))
    public_url: str = _setting(
        "",
        "address that boxes use when a proxy stands in front; with https:// all cookies are for HTTPS only",
        _web_address,
    )
    max_connections: int = _setting(16000, "connections served at once; more are closed", _between(10, 19000))
    ports: list[int] = _setting(
        attrs.Factory(list), "further ports to listen on, such as 8082 and 33200 of CTC boxes, or 8080 of ZTE's", _ports
    )


@frozen
class Database:
    url: str = _setting(
        "", "SQLAlchemy address; empty = SQLite in the data folder, or postgresql+psycopg://…", _database_url
    )
    threads: int = _setting(4, "database threads", _between(2, 64))


LISTS = ("plain", "subs", "full", "fmp4")
"""What lists of films and channels tell boxes."""


@frozen
class Portal:
    home: str = _setting("live", "home page: live window first, or the six boards", _one_of("live", "boards"))
    town: str = _setting("南湖镇", "name of the town")
    hold_s: int = _setting(25, "seconds a long-poll is held", _between(5, 55))
    slot_s: int = _setting(60, "seconds between short polls", _between(5, 600))
    overrides: dict[str, str] = _setting(
        attrs.Factory(dict), "box (MAC, user id, card number or a prefix ending in *) to key family"
    )
    keys: dict[str, dict[str, str]] = _setting(
        attrs.Factory(dict),
        'changes to a key family ("dvn"), or in one group of boxes ("dvn@hotel"): code or key to key, "noop" or ""',
    )
    lists: dict[str, str] = _setting(
        attrs.Factory(dict),
        "key family to what lists of films and channels tell its boxes: plain, subs (subtitles), full (key frames, "
        "sounds and programmes too) or fmp4; without an entry what its player is known to take",
        lambda told: _each(LISTS.__contains__, f"one of {', '.join(LISTS)} for each family")(told.values()),
    )


@frozen
class Rollcall:
    minutes: int = _setting(30, "how long a roll-call stays open when nothing else is said", _between(15, 1440))
    late_after: int = _setting(10, "minutes after which a sign-in counts as late", _between(0, 1440))


@frozen
class Video:
    preset: str = _setting(
        "veryfast", "x264 preset; ultrafast only for tests", _one_of("veryfast", "faster", "ultrafast")
    )
    top: int = _setting(
        720, "lines of the best picture a film gets; 1080 for boxes known to take it", _one_of(720, 1080)
    )
    fps: int = _setting(
        25, "pictures a second, the same for all films of a channel; at 50 there is no 1080", _one_of(25, 50)
    )
    copy: bool = _setting(
        True, "package without encoding what already is as boxes need it; it has that one picture size"
    )
    fragments: bool = _setting(False, "keep films as fragmented MP4 too; takes as much space again")
    encrypt: bool = _setting(
        False, "encrypt the segments of new films (AES-128); they have no fragments and no trick play"
    )
    workers: int = _setting(0, "films packaged at once; 0 = half as many as there are cores", _between(0, 64))
    budget_gb: int = _setting(
        0, "GB that films may take in the data folder; 0 = as far as the disk goes", _between(0, 1_000_000)
    )
    trash_days: int = _setting(
        7, "days that a film which was thrown away can be had back, and that what was replaced stays", _between(1, 365)
    )
    watch: bool = _setting(True, "take films that are laid into the folder incoming/<column>/ of the data folder")
    keep_sources: bool = _setting(True, "leave a film in that folder once it is packaged, or remove it")


@frozen
class Output:
    """One of `[[guide.outputs]]`: the guide as a file in a folder, or sent to an address, on a timetable."""

    name: str = _setting(
        "",
        "what it is called, and its file: NAME.xml, NAME.xml.gz, NAME.ts or NAME.bin",
        _like(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,59}", "up to 60 letters, digits, dots, - and _"),
    )
    kind: str = _setting(
        "xmltv.gz",
        "xmltv or xmltv.gz; of a network profile one whole cycle of its tables: ts, or its sections: bin",
        _one_of("xmltv", "xmltv.gz", "ts", "bin"),
    )
    folder: str = _setting("", "folder it is written into; a reader finds it there whole or not at all", _folder)
    address: str = _setting("", "in place of a folder: address that XMLTV is sent to by HTTP PUT", _upload_address)
    user: str = _setting("", "user for that address (Basic); empty = none", _like("[ -9;-~]{0,200}", "ASCII without :"))
    password: str = _setting("", "password for that address; it is never shown", secret=True)
    network: str = _setting("", "network profile of ts and bin (`si list`)")
    every_min: int = _setting(
        60, "minutes between two looks; what has not changed is not written again", _between(1, 10080)
    )
    days: int = _setting(8, "days of XMLTV from today on", _between(1, 31))

    @property
    def place(self) -> str:
        """Where it goes, for people: without what may be secret in an address."""
        if self.address:
            address, asked, _ = self.address.partition("?")
            return address + asked + ("***" if asked else "")
        return str(Path(self.folder) / self.file)

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.name}.{self.kind.replace('xmltv', 'xml')}"

    def faults(self) -> Iterator[tuple[str, str]]:
        """What is wrong between its settings: the name of one, and a sentence."""
        tables = self.kind in {"ts", "bin"}
        if not self.name:
            yield "name", "is missing"
        if bool(self.folder) == bool(self.address):
            yield "folder", "there must be either a folder or an address"
        if tables != bool(self.network):
            yield "network", f"is {'missing' if tables else 'only for ts and bin'}"
        if tables and self.address:
            yield "address", "takes XMLTV only"
        if self.user and not self.address:
            yield "user", "is only for an address"
        if self.password and not self.user:
            yield "password", "is there without a user"


def _outputs(values: Any) -> str | None:
    names = [one.name for one in values]
    twice = next((name for name in names if name and names.count(name) > 1), None)
    return f"two are called {twice}" if twice else "must be 20 at most" if len(names) > 20 else None


@frozen
class Guide:
    keep_days: int = _setting(
        30, "days that programmes of the past are kept in the guide, and what sources told of them", _between(8, 400)
    )
    outputs: list[Output] = _setting(
        attrs.Factory(list), "files of the guide written or sent on a timetable, each a `[[guide.outputs]]`", _outputs
    )


@frozen
class Devices:
    unknown: str = _setting(
        "pending",
        "a box that nobody has entered: registered to be let in, asked for an account, or refused",
        _one_of("pending", "login", "refuse"),
    )
    mac_prefixes: list[str] = _setting(
        attrs.Factory(lambda: ["00:1A:79"]),
        "how MAC addresses of Ministra boxes may begin; an empty list admits any",
        _each(re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){0,5}").fullmatch, "beginnings of a MAC such as 00:1A:79"),
    )
    per_hour: int = _setting(200, "boxes that may register themselves in an hour; 0 = none", _between(0, 100_000))
    binding: str = _setting(
        "warn",
        "another box comes with a bound account or card: admitted and logged, or refused",
        _one_of("warn", "strict"),
    )
    hotline: str = _setting("", "telephone that viewers with a blocked or new box are told; empty = none")
    one_entry: bool = _setting(True, "of two sets with the same names only the one that came in last goes on")
    confirm_url: str = _setting(
        "",
        "asked by GET whether billing knows a card; {card} in it is the number; empty = nobody is asked",
        _web_address,
    )


@frozen
class Ministra:
    enabled: bool = _setting(True, "serve the Stalker/Ministra API")
    watchdog_s: int = _setting(120, "seconds between two polls of a box", _between(30, 300))
    without_profile: bool = _setting(False, "admit clients that never ask for their profile (stalkerhek)")
    zone: str = _setting("Asia/Shanghai", "time zone of boxes that tell none", _zone)
    maintenance: bool = _setting(False, "all Ministra boxes wait, and come back by themselves afterwards")


SKINS = ("liveplay_30", "defaulttrans2", "gdhdpublic", "VSP", "StbEpg2023Group", "xagqftkdb", "iptvsnmv3")


@frozen
class Ctc:
    enabled: bool = _setting(True, "serve the log-in of China Telecom and China Unicom boxes")
    epg_host: str = _setting(
        "",
        "host, or host:port, that boxes are sent on to; empty = the host they asked",
        _like(r"([A-Za-z0-9.\-]+|\[[0-9a-fA-F:]+\])?(:[0-9]{1,5})?", "a host or host:port"),
    )
    epg_port: int = _setting(0, "port that boxes are sent on to; 0 = the port they asked", _between(0, 65535))
    zte_port: int = _setting(0, "port of the ZTE pages; 0 = the port they asked", _between(0, 65535))
    salt: str = _setting(
        "99991231", "salt of the `salted` key scheme", _like("[!-~]{0,32}", "up to 32 ASCII characters")
    )
    skins: list[str] = _setting(
        attrs.Factory(lambda: [*SKINS]),
        "guide interfaces that are served",
        _each(SKINS.__contains__, f"names out of {', '.join(SKINS)}"),
    )
    frame: str = _setting("frame205", "template name of the ZTE pages", _like("[A-Za-z0-9_]{1,32}", "a name"))


@frozen
class Rest:
    enabled: bool = _setting(
        True, "serve the REST interface for the operator's billing; its users are made by `nanhu-tv api`"
    )


@frozen
class Streams:
    per_account: int = _setting(
        0, "pictures that one account plays at once when it says nothing itself; 0 = any number", _between(0, 100)
    )
    open_s: int = _setting(
        60, "seconds in which a signed link can be opened; then it lives while it is played", _between(30, 600)
    )
    address_key: int = _setting(
        0,
        "number of the key that signs addresses of films and channels; one more makes a new key, and the one before "
        "stays good for addresses that are out",
        _between(0, 1_000_000),
    )


@frozen
class Config:
    """Every setting. `data` is the folder that holds database, keys and media."""

    data: Path
    server: Server = attrs.Factory(Server)
    database: Database = attrs.Factory(Database)
    portal: Portal = attrs.Factory(Portal)
    rollcall: Rollcall = attrs.Factory(Rollcall)
    video: Video = attrs.Factory(Video)
    guide: Guide = attrs.Factory(Guide)
    devices: Devices = attrs.Factory(Devices)
    ministra: Ministra = attrs.Factory(Ministra)
    ctc: Ctc = attrs.Factory(Ctc)
    rest: Rest = attrs.Factory(Rest)
    streams: Streams = attrs.Factory(Streams)

    @property
    def database_url(self) -> str:
        return self.database.url or f"sqlite:///{self.data / 'nanhu.db'}"


SECTIONS: Mapping[str, type[Any]] = {
    "server": Server,
    "database": Database,
    "portal": Portal,
    "rollcall": Rollcall,
    "video": Video,
    "guide": Guide,
    "devices": Devices,
    "ministra": Ministra,
    "ctc": Ctc,
    "rest": Rest,
    "streams": Streams,
}


def parse(text: str, data: Path) -> Config:
    """Read the settings from TOML text; `data` is the data folder given on the command line.

    Raises BadConfig with every fault found: unknown sections and settings, wrong types, values out of range.
    """
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadConfig((Fault("file", f"is not TOML: {error}"),)) from error
    faults = [Fault(name, "unknown section") for name in tree if name not in SECTIONS]
    sections: dict[str, Any] = {name: _section(cls, tree.get(name, {}), name, faults) for name, cls in SECTIONS.items()}
    if faults:
        raise BadConfig(tuple(faults))
    return Config(data=data, **sections)


def load(path: Path | None, data: Path) -> Config:
    """Read the settings file, or take the defaults without one. Raises BadConfig."""
    if path is None:
        return parse("", data)
    try:
        return parse(path.read_text(encoding="utf-8"), data)
    except OSError as error:
        raise BadConfig((Fault(str(path), error.strerror or "cannot be read"),)) from error
    except UnicodeDecodeError as error:
        raise BadConfig((Fault(str(path), "is not UTF-8 text"),)) from error


def settings() -> tuple[tuple[str, str, str], ...]:
    """Every setting as (path, default, meaning), for the docs and `check-config`."""
    return tuple(row for name, cls in SECTIONS.items() for row in _settings(name, cls))


def _settings(path: str, cls: type[Any]) -> Iterator[tuple[str, str, str]]:
    for a in attrs.fields(cls):
        yield f"{path}.{a.name}", _shown(a.default), a.metadata["about"]
        if inner := _tables_of(a):
            yield from _settings(f"{path}.{a.name}[]", inner)


def _tables_of(field: Any) -> type[Any] | None:
    """The class of each table of a setting that is a list of tables."""
    inner = next(iter(get_args(field.type)), None)
    return inner if inner is Output else None


def _shown(default: Any) -> str:
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        default = default.factory()
    return str(default).lower() if isinstance(default, bool) else repr(default).replace("'", '"')


def _section(cls: type[T], table: Any, path: str, faults: list[Fault]) -> T | None:
    if not isinstance(table, dict):
        faults.append(Fault(path, "must be a section"))
        return None
    fields = {a.name: a for a in attrs.fields(cls)}  # type: ignore[arg-type]
    before = len(faults)
    faults.extend(Fault(f"{path}.{key}", "unknown setting") for key in table if key not in fields)
    values = {key: _read(fields[key], value, f"{path}.{key}", faults) for key, value in table.items() if key in fields}
    for key, value in values.items():
        if wrong := _wrong(fields[key], value):
            faults.append(Fault(f"{path}.{key}", wrong))
    if len(faults) > before:
        return None
    made = cls(**values)
    if isinstance(made, Output):
        faults.extend(Fault(f"{path}.{key}", message) for key, message in made.faults())
    return made if len(faults) == before else None


def _read(field: Any, value: Any, path: str, faults: list[Fault]) -> Any:
    """A value as it is; of a list of tables those that are sound, as the faults of all others are told here."""
    inner = _tables_of(field)
    if inner is None or not isinstance(value, list):
        return value
    every = [_section(inner, one, f"{path}[{number}]", faults) for number, one in enumerate(value, 1)]
    return [one for one in every if one is not None]


def _wrong(field: Any, value: Any) -> str | None:
    expected = get_origin(field.type) or field.type
    if not _is_a(expected, value):
        hidden = field.metadata["secret"] or _tables_of(field)
        return f"must be {_NAMES[expected]}" + ("" if hidden else f", is {value!r}")
    if expected is list and not all(_is_a(get_args(field.type)[0], item) for item in value):
        return f"must hold {_MANY[get_args(field.type)[0]]} only"
    if expected is dict and (inner := _wrong_inside(get_args(field.type)[1], value)):
        return inner
    check: Check | None = field.metadata["check"]
    return check(value) if check else None


def _is_a(kind: type[Any], value: Any) -> bool:
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def _wrong_inside(kind: Any, table: Mapping[str, Any]) -> str | None:
    if kind is str:
        return None if all(isinstance(item, str) for item in table.values()) else "must hold text values only"
    sound = all(isinstance(item, dict) and _wrong_inside(str, item) is None for item in table.values())
    return None if sound else "must hold tables of text values only"


_NAMES = {str: "text", int: "a whole number", bool: "true or false", dict: "a table", list: "a list"}
_MANY = {str: "text values", int: "whole numbers"}
