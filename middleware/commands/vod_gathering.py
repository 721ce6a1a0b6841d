"""Fetching what `vod check` judges: lists again and again, then their segments, keys and the way they are served."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Final

from attrs import define, evolve, field

from middleware.commands.vod_asking import LIST_BYTES, Got, NotReachable, asked
from vod.check import Evidence
from vod.check_footage import Shot, shot
from vod.check_http import LISTS, Answer, Object, Pair, Probe
from vod.check_masters import listed
from vod.check_read import Entry, Playlist, attributes, path_of, read, unquoted
from vod.check_variants import starts

AT_ONCE: Final = 8
MOST_LISTS: Final = 60
MOST_SEGMENTS: Final = 20_000
FRESH_MS: Final = 15_000
"""A complete list that ends later than so long ago may still grow."""
_HOPS: Final = 3


@define
class Gathering:
    """One run of the check. `ask` puts a question, `sleep` waits between polls."""

    uri: str
    ask: Callable[..., Got] = asked
    sleep: Callable[[float], None] = time.sleep
    master: Playlist | None = None
    rounds: list[tuple[Playlist, ...]] = field(factory=list)
    answers: list[Answer] = field(factory=list)
    probes: list[Probe] = field(factory=list)
    pairs: list[Pair] = field(factory=list)
    shots: dict[str, tuple[Shot, ...]] = field(factory=dict)
    sizes: dict[str, int] = field(factory=dict)
    keys: dict[str, bytes | None] = field(factory=dict)
    maps: dict[str, bytes | None] = field(factory=dict)
    fetched: int = 0

    def evidence(self, *, seconds: float, bytes_too: bool, peer: str | None, ahead_s: float) -> Evidence:
        """Fetch everything. Raises NotReachable when there is no list at the address, or none below a master."""
        addresses = self._first()
        self._poll(addresses, seconds)
        self._segments(bytes_too=bytes_too)
        if peer:
            self._compare(addresses, peer, seconds if any(each.live for each in self.rounds[0]) else 0)
        return Evidence(
            master=self.master,
            rounds=tuple(self.rounds),
            shots=self.shots,
            sizes=self.sizes,
            answers=tuple(self.answers),
            probes=tuple(self.probes),
            pairs=tuple(self.pairs),
            ahead_s=ahead_s,
        )

    def _first(self) -> list[str]:
        """Addresses of the media lists."""
        got = self._followed(self.uri)
        if got.status != 200:
            raise NotReachable(f"{got.uri}: HTTP {got.status}")
        found = read(got.body, got.uri, got.at_ms)
        if not found.is_master:
            return [got.uri]
        self.master = found
        self.answers.append(self._answer(got, "master"))
        return listed(found)[:MOST_LISTS]

    def _followed(self, uri: str) -> Got:
        """Follow redirects of the first address, each of which is a finding."""
        for _ in range(_HOPS):
            got = self.ask(uri, most=LIST_BYTES, packed=True)
            self.fetched += 1
            if not (300 <= got.status < 400 and got.headers.get("location")):
                return got
            self.answers.append(Answer(uri, "master", got.status, got.headers, len(got.body)))
            uri = read(b"", uri).address(got.headers["location"])
        raise NotReachable(f"{uri}: too many redirects")

    def _poll(self, addresses: list[str], seconds: float) -> None:
        """Fetch all lists, live ones for so many seconds again."""
        end = time.monotonic() + seconds
        first = self._round(addresses, first=True)
        live = [each.uri for each in first if each.live]
        while live and time.monotonic() < end:
            self.sleep(max(0.5, min(each.target for each in first if each.live) / 3))
            self._round(live)

    def _round(self, addresses: list[str], *, first: bool = False) -> tuple[Playlist, ...]:
        lists = []
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for uri, got in zip(addresses, pool.map(self._tried, addresses), strict=True):
                self.fetched += 1
                if got is None or got.status != 200:
                    self.probes.append(Probe(uri, got.status if got else 0, 0))
                    continue
                lists.append(self._read(got))
                if first:
                    self.answers.append(self._answer(got, _kind(lists[-1])))
        if first and not lists:
            raise NotReachable(f"{self.uri}: none of its {len(addresses)} lists can be had")
        self.rounds.append(tuple(lists))
        return tuple(lists)

    def _read(self, got: Got) -> Playlist:
        """A list as read; one that has not changed shares what was read before."""
        before = next((each for each in (self.rounds[-1] if self.rounds else ()) if each.uri == got.uri), None)
        if before is not None and before.data == got.body:
            return evolve(before, at_ms=got.at_ms)
        return read(got.body, got.uri, got.at_ms)

    def _tried(self, uri: str) -> Got | None:
        try:
            return self.ask(uri, most=LIST_BYTES, packed=True)
        except NotReachable:
            return None

    def _answer(self, got: Got, kind: Object) -> Answer:
        """An answer with what HEAD gives for it."""
        size = len(got.body)
        try:
            head = self.ask(got.uri, "HEAD", packed=kind in LISTS)
        except NotReachable:
            return Answer(got.uri, kind, got.status, got.headers, size, {}, 0)
        return Answer(got.uri, kind, got.status, got.headers, size, head.headers, head.status)

    def _segments(self, *, bytes_too: bool) -> None:
        """Ask for every segment that was listed, by GET with `bytes_too`, and how one of each list is served."""
        wanted = list(self._seen())[:MOST_SEGMENTS]
        made: dict[str, list[Shot]] = {}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            sized = pool.map(lambda each: self._sized(each[0].address(each[1].uri)), wanted)
            for (playlist, entry, removed_s), probe in zip(wanted, sized, strict=True):
                self._kept(playlist, probe, removed_s)
                whole = entry.byterange == "" and probe.status == 200
                if bytes_too and whole and (seen := self._shot(playlist, entry, probe.uri)):
                    made.setdefault(playlist.uri, []).append(seen)
        self.shots = {uri: tuple(shots) for uri, shots in made.items()}
        for each in {playlist.uri: (playlist, entry) for playlist, entry, _ in wanted}.values():
            self._served(*each)

    def _seen(self) -> Iterator[tuple[Playlist, Entry, float]]:
        """Each segment once, with the list that showed it last and for how many seconds it is gone."""
        last: dict[tuple[str, int], tuple[Playlist, Entry]] = {}
        ends: dict[str, Playlist] = {}
        for lists in self.rounds:
            for playlist in lists:
                ends[playlist.uri] = playlist
                last.update({(playlist.uri, entry.number): (playlist, entry) for entry in playlist.entries})
        for (uri, _), (playlist, entry) in last.items():
            yield ends[uri], entry, (ends[uri].at_ms - playlist.at_ms) / 1000

    def _sized(self, uri: str) -> Probe:
        try:
            got = self.ask(uri, "HEAD")
        except NotReachable:
            return Probe(uri, 0, 0)
        return Probe(uri, got.status, got.size)

    def _kept(self, playlist: Playlist, probe: Probe, removed_s: float) -> None:
        self.fetched += 1
        if probe.status == 200:
            self.sizes[probe.uri] = probe.size
        kept_s = playlist.seconds + playlist.target
        self.probes.append(Probe(probe.uri, probe.status, probe.size, removed_s=removed_s, kept_s=kept_s))

    def _shot(self, playlist: Playlist, entry: Entry, uri: str) -> Shot | None:
        """Look at a segment; its bytes are let go at once. One that does not come whole is rule 43's."""
        try:
            got = self.ask(uri)
        except NotReachable:
            self.probes.append(Probe(uri, 0, 0))
            return None
        self.fetched += 1
        if got.status != 200 or len(got.body) != self.sizes.get(uri, 0):
            self.probes.append(Probe(uri, got.status, len(got.body), self.sizes.get(uri, 0)))
            return None
        return shot(entry, uri, got.body, self._key(playlist, entry), self._map(playlist, entry))

    def _key(self, playlist: Playlist, entry: Entry) -> bytes | None:
        told = attributes(entry.key)
        if "URI" not in told:
            return None
        uri = playlist.address(unquoted(told["URI"]))
        if uri not in self.keys:
            got = self._tried(uri)
            self.keys[uri] = got.body if got and got.status == 200 else None
            if got:
                self.answers.append(self._answer(got, "key"))
        return self.keys[uri]

    def _map(self, playlist: Playlist, entry: Entry) -> bytes | None:
        told = attributes(entry.map)
        if "URI" not in told:
            return None
        uri = playlist.address(unquoted(told["URI"]))
        if uri not in self.maps:
            got = self._tried(uri)
            self.maps[uri] = got.body if got and got.status == 200 else None
        return self.maps[uri]

    def _served(self, playlist: Playlist, entry: Entry) -> None:
        """How one segment of a list is served; what is not there is rule 43's."""
        uri = playlist.address(entry.uri)
        try:
            got = self.ask(uri)
        except NotReachable:
            return
        self.answers.append(self._answer(got, "text" if path_of(uri).endswith(".vtt") else "segment"))

    def _compare(self, addresses: Iterable[str], peer: str, seconds: float) -> None:
        """Ask two nodes for the same lists in the same second, again and again; `peer` is our address on the other."""
        here, there = self.uri.rpartition("/")[0], peer.rpartition("/")[0]
        both = [(uri, there + uri[len(here) :]) for uri in addresses if uri.startswith(f"{here}/")]
        end = time.monotonic() + seconds
        for turn in count():
            self.sleep(1.02 - time.time() % 1)
            self._pairs(both)
            if turn and time.monotonic() >= end:
                break

    def _pairs(self, both: list[tuple[str, str]]) -> None:
        """One second's answers; those that took until the next second say nothing."""
        second = int(time.time())
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = list(pool.map(self._tried, [uri for pair in both for uri in pair]))
        for (uri, other), one, two in zip(both, answers[::2], answers[1::2], strict=True):
            if one is None or two is None:
                self.probes.append(Probe(other if one else uri, 0, 0))
            elif one.at_ms // 1000 == two.at_ms // 1000 == second:
                self.pairs.append(Pair(uri, other, one.body == two.body, len(one.body), len(two.body)))


def _kind(playlist: Playlist) -> Object:
    """How long a list may be kept: one that is live, delayed or ends now is asked for again."""
    if playlist.live or playlist.shifted:
        return "live"
    last = starts(playlist)[-1] if playlist.entries else None
    fresh = last is not None and last[1] is not None and last[1] + last[0].seconds * 1000 > playlist.at_ms - FRESH_MS
    return "ending" if fresh else "vod"
