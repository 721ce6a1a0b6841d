"""A head-end's network as its operator describes it: one TOML, one frozen value, every fault named with its path."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, Literal, cast, get_args

import attrs
from attrs import frozen

from epg.si.eit import Depth, Of, Style
from epg.si.text import Charset, Coding
from epg.si.versions import Scope

Past = Literal["segment", "at_once", "day"]
TELEVISION, RADIO = 1, 2
"""Types of services (EN 300 468 table 87)."""
GENRES: Final[Mapping[str, int]] = {
    "影视": 0x10,
    "电影": 0x10,
    "电视剧": 0x15,
    "新闻": 0x20,
    "综艺": 0x32,
    "体育": 0x40,
    "少儿": 0x50,
    "动画": 0x55,
    "音乐": 0x60,
    "戏曲": 0x60,
    "党建": 0x80,
    "法治": 0x80,
    "农业": 0x90,
    "教育": 0x90,
    "健康": 0xA4,
}
"""Codes of EN 300 468 table 28 for categories; a network may change and add to them."""


@frozen
class Service:
    """A channel as a service of the network; `kind` 1 is television, 2 radio, 0 what the line-up says.

    `pmt_pid` is needed for the PAT only.
    """

    channel: str
    service_id: int
    ts_id: int
    name: str = ""
    provider: str = ""
    kind: int = 0
    pmt_pid: int = 0


@frozen
class Cycles:
    """Seconds in which all of a kind of table goes out (TS 101 211 §4.4, cable and satellite)."""

    pat: float = 0.5
    nit: float = 10.0
    sdt: float = 2.0
    sdt_other: float = 10.0
    pf: float = 2.0
    pf_other: float = 10.0
    near: float = 10.0
    near_other: float = 10.0
    later: float = 30.0
    later_other: float = 30.0
    time: float = 30.0


@frozen
class Tables:
    """Which tables are sent beside the EIT; what the multiplexer makes itself is switched off."""

    pat: bool = True
    nit: bool = True
    sdt: bool = True
    tdt: bool = True
    tot: bool = True
    other: bool = True


@frozen
class Output:
    """Where the carousel goes: `rate` in bit/s, `address` host:port or empty; `near_days` have the fast cycle."""

    address: str = ""
    rtp: bool = False
    rate: int = 2_000_000
    dense: bool = False
    ttl: int = 1
    interface: str = ""
    near_days: int = 8


@frozen
class Network:
    """A head-end's network. `ts_id` is the stream that carries the tables: services of it are `actual`, others `other`.

    `offset_min` shifts all times, for boxes that take them as local; `past` says when finished events leave.
    """

    name: str
    onid: int
    network_id: int
    ts_id: int
    services: tuple[Service, ...]
    title: str = ""
    style: Style = Style()
    read_as: str = "gb18030"
    horizon_days: int = 8
    past: Past = "segment"
    present: Literal["plan", "as_run"] = "plan"
    scope: Scope = "segment"
    offset_min: int = 0
    country: str = "CHN"
    country_offset_min: int = 480
    cable: tuple[int, int, int] | None = None
    genres: Mapping[str, int] = attrs.field(factory=lambda: dict(GENRES))
    cycles: Cycles = Cycles()
    tables: Tables = Tables()
    output: Output = Output()

    def of(self, service: Service) -> Of:
        """The service as its EIT names it."""
        return Of(service.service_id, service.ts_id, self.onid, service.ts_id == self.ts_id)

    @property
    def shift(self) -> timedelta:
        return timedelta(minutes=self.offset_min)


@frozen
class Fault:
    """What is wrong with one entry: its path and a sentence."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class BadNetwork(ValueError):
    """The profile cannot be used; `faults` lists everything that is wrong with it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


def parse(text: str) -> Network:
    """Read a profile from TOML. Raises BadNetwork with every fault found."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadNetwork((Fault("file", f"is not TOML: {error}"),)) from error
    reading = _Reading([])
    network = reading.network(tree)
    if reading.faults:
        raise BadNetwork(reading.faults)
    return cast("Network", network)


_ID: Final = (1, 0xFFFF)


@frozen
class _Reading:
    """Reads entries and collects faults; an entry at fault gets its default, so that reading goes on."""

    faults: list[Fault]

    def network(self, tree: Mapping[str, Any]) -> Network | None:
        text = self.section(tree, "text", {"charset", "fold", "language", "short", "depths", "read_as"})
        eit = self.section(tree, "eit", {"horizon_days", "past", "present", "scope", "offset_min"})
        country = self.section(tree, "country", {"code", "offset_min"})
        known = {"name", "title", "onid", "network_id", "ts_id", "services", "text", "eit", "country", "cable"}
        self.unknown(tree, "", known | {"genres", "cycles", "tables", "output"})
        name = self.text(tree, "", "name", "")
        if not name:
            self.faults.append(Fault("name", "is missing"))
        ids = {key: self.whole(tree, "", key, 0, *_ID) for key in ("onid", "network_id", "ts_id")}
        return Network(
            name,
            **ids,
            services=self.services(tree.get("services", [])),
            title=self.text(tree, "", "title", ""),
            style=self.style(text),
            read_as=self.text(text, "text", "read_as", "gb18030"),
            horizon_days=self.whole(eit, "eit", "horizon_days", 8, 1, 64),
            past=self.word(eit, "eit", "past", get_args(Past)),
            present=self.word(eit, "eit", "present", ("plan", "as_run")),
            scope=self.word(eit, "eit", "scope", get_args(Scope)),
            offset_min=self.whole(eit, "eit", "offset_min", 0, -720, 840),
            country=self.text(country, "country", "code", "CHN", 3),
            country_offset_min=self.whole(country, "country", "offset_min", 480, -720, 840),
            cable=self.cable(tree),
            genres={**GENRES, **self.genres(tree)},
            cycles=Cycles(**self.values(tree, "cycles", Cycles, 0.1, 600)),
            tables=Tables(**self.values(tree, "tables", Tables, 0, 1)),
            output=Output(**self.values(tree, "output", Output, 0, 200_000_000)),
        )

    def style(self, text: Mapping[str, Any]) -> Style:
        charset: Charset = self.word(text, "text", "charset", get_args(Charset))
        fold = text.get("fold", False)
        depths = text.get("depths", [[64, "full"]])
        pairs = isinstance(depths, list) and all(
            isinstance(one, list) and len(one) == 2 and type(one[0]) is int and one[1] in get_args(Depth)
            for one in depths
        )
        if not pairs:
            self.faults.append(
                Fault("text.depths", 'must be pairs such as [3, "full"] of days and title, short or full')
            )
            depths = []
        return Style(
            Coding(charset, fold=fold is True),
            self.text(text, "text", "language", "zho", 3).encode("ascii", "replace"),
            tuple((days, depth) for days, depth in depths),
            self.word(text, "text", "short", ("sub_title", "desc")) == "desc",
        )

    def services(self, found: object) -> tuple[Service, ...]:
        if not isinstance(found, list) or not found:
            self.faults.append(Fault("services", "at least one [[services]] is needed"))
            return ()
        out = [self.service(f"services[{at}]", one) for at, one in enumerate(found) if isinstance(one, dict)]
        for name in ("channel", "service_id"):
            values = [(one.ts_id, getattr(one, name)) if name == "service_id" else getattr(one, name) for one in out]
            self.faults.extend(
                Fault(f"services.{name}", f"{value} stands twice")
                for value in sorted({v for v in values if values.count(v) > 1})
            )
        return tuple(out)

    def service(self, path: str, tree: Mapping[str, Any]) -> Service:
        self.unknown(tree, path, set(attrs.fields_dict(Service)))
        channel = self.text(tree, path, "channel", "")
        if not channel:
            self.faults.append(Fault(f"{path}.channel", "is missing"))
        return Service(
            channel,
            self.whole(tree, path, "service_id", 0, *_ID),
            self.whole(tree, path, "ts_id", 0, *_ID),
            self.text(tree, path, "name", ""),
            self.text(tree, path, "provider", ""),
            self.whole(tree, path, "kind", 1, 1, 255) if "kind" in tree else 0,
            self.whole(tree, path, "pmt_pid", 0, 0, 0x1FFE),
        )

    def cable(self, tree: Mapping[str, Any]) -> tuple[int, int, int] | None:
        if "cable" not in tree:
            return None
        cable = self.section(tree, "cable", {"frequency_hz", "symbol_rate", "qam"})
        qam = self.whole(cable, "cable", "qam", 64, 16, 256)
        if qam not in {16, 32, 64, 128, 256}:
            self.faults.append(Fault("cable.qam", "must be 16, 32, 64, 128 or 256"))
        frequency = self.whole(cable, "cable", "frequency_hz", 0, 40_000_000, 1_300_000_000)
        return frequency, self.whole(cable, "cable", "symbol_rate", 6_875_000, 100_000, 10_000_000), qam

    def genres(self, tree: Mapping[str, Any]) -> Mapping[str, int]:
        found = tree.get("genres", {})
        sound = isinstance(found, dict) and all(type(code) is int and 0 <= code <= 255 for code in found.values())
        if not sound:
            self.faults.append(Fault("genres", "must name categories with codes from 0x00 to 0xFF"))
        return cast("Mapping[str, int]", found) if sound else {}

    def values(self, tree: Mapping[str, Any], name: str, kind: type[Any], low: float, high: float) -> dict[str, Any]:
        """The entries of a section whose fields are those of `kind`, each of its default's type."""
        fields = attrs.fields_dict(kind)
        section = self.section(tree, name, set(fields))
        out = {}
        for key, value in section.items():
            default = fields[key].default if key in fields else None
            wanted = type(default)
            plain = float(value) if wanted is float and type(value) is int else value
            if type(plain) is not wanted:
                self.faults.append(Fault(f"{name}.{key}", f"must be {wanted.__name__}"))
            elif isinstance(plain, (int, float)) and not isinstance(plain, bool) and not low <= plain <= high:
                self.faults.append(Fault(f"{name}.{key}", f"must be between {low:g} and {high:g}"))
            else:
                out[key] = plain
        return out

    def section(self, tree: Mapping[str, Any], name: str, known: set[str]) -> Mapping[str, Any]:
        found = tree.get(name, {})
        if not isinstance(found, dict):
            self.faults.append(Fault(name, "must be a section"))
            return {}
        self.unknown(found, name, known)
        return {key: value for key, value in found.items() if key in known}

    def unknown(self, tree: Mapping[str, Any], path: str, known: set[str]) -> None:
        self.faults.extend(Fault(f"{path}.{key}" if path else key, "unknown entry") for key in tree if key not in known)

    def whole(self, tree: Mapping[str, Any], path: str, key: str, default: int, low: int, high: int) -> int:
        value = tree.get(key, default)
        if type(value) is int and low <= value <= high:
            return value
        found = f", is {value!r}" if key in tree else ""
        self.faults.append(Fault(f"{path}.{key}" if path else key, f"must be between {low} and {high}{found}"))
        return default

    def text(self, tree: Mapping[str, Any], path: str, key: str, default: str, exactly: int = 0) -> str:
        value = tree.get(key, default)
        if isinstance(value, str) and len(value) <= 80 and (not exactly or (len(value) == exactly and value.isascii())):
            return value
        wanted = f"{exactly} letters" if exactly else "a text of at most 80 characters"
        self.faults.append(Fault(f"{path}.{key}" if path else key, f"must be {wanted}"))
        return default

    def word(self, tree: Mapping[str, Any], path: str, key: str, words: Sequence[str]) -> Any:
        value = tree.get(key, words[0])
        if value in words:
            return value
        self.faults.append(Fault(f"{path}.{key}", f"must be one of {', '.join(words)}, is {value!r}"))
        return words[0]
