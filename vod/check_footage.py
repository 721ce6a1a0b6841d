"""What the segments of a list turned out to be: values that rules 18, 27-39 and 47 of video.md §12 judge."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from attrs import evolve, field, frozen

from vod.check_cipher import NotDecrypted, decrypted
from vod.check_masters import stated
from vod.check_mp4 import fragment
from vod.check_read import Entry, Playlist, attributes, path_of, range_of
from vod.check_ts import BadStream, Stream, stream


@frozen
class Shot:
    """One segment that was fetched: its bytes are gone, what they said is kept.

    `size` is that of the resource as it was sent. `fault` tells why it could not be read, `cipher` why not decrypted.
    """

    entry: Entry
    uri: str
    size: int
    stream: Stream | None = None
    text: str | None = None
    fault: str = ""
    cipher: str = ""


@frozen
class Footage:
    """One list with its shots by number. `whole` when every segment of a film is there, be it by size alone.

    `sizes` are those of all resources that are known, by address. `pictures` is a list of pictures to which a list of
    subtitles belongs.
    """

    uri: str
    playlist: Playlist
    shots: tuple[Shot, ...]
    said: Mapping[str, str] = field(factory=dict)
    sizes: Mapping[str, int] = field(factory=dict)
    pictures: "Footage | None" = None

    @property
    def streams(self) -> tuple[tuple[Shot, Stream], ...]:
        """The shots that could be read."""
        return tuple((shot, shot.stream) for shot in self.shots if shot.stream is not None and shot.stream.pictures)

    def joins(self) -> Iterator[tuple[Shot, Stream, Shot, Stream]]:
        """Neighbours that a player takes for one piece: consecutive numbers, no DISCONTINUITY between."""
        for (before, one), (after, two) in pairwise(self.streams):
            if joined(before.entry, after.entry):
                yield before, one, after, two

    @property
    def weights(self) -> list[tuple[float, int]]:
        """Seconds and bytes of each listed or seen segment; empty when a size is missing."""
        known = {shot.entry.number: (shot.entry.seconds, shot.size) for shot in self.shots}
        for entry in self.playlist.entries:
            size = self.sizes.get(self.playlist.address(entry.uri), 0)
            if not entry.byterange and size:
                known.setdefault(entry.number, (entry.seconds, size))
        numbers = sorted(known)
        gapless = bool(numbers) and numbers[-1] - numbers[0] + 1 == len(numbers)
        return [known[number] for number in numbers] if gapless else []

    @property
    def whole(self) -> bool:
        return not self.playlist.live and len(self.weights) == len(self.playlist.entries)


def shot(entry: Entry, uri: str, data: bytes, key: bytes | None = None, init: bytes | None = None) -> Shot:
    """Look at a fetched segment; `key` and `init` are what the addresses of its KEY and MAP gave, None for nothing."""
    clear, cipher = _clear(entry, data, key)
    seen = Shot(entry, uri, len(data), cipher=cipher)
    if cipher:
        return seen
    if path_of(uri).endswith((".vtt", ".webvtt")):
        return evolve(seen, text=clear.decode("utf-8", "replace"))
    if entry.byterange:
        return seen
    try:
        fragmented = path_of(uri).endswith((".m4s", ".mp4", ".cmfv"))
        return evolve(seen, stream=fragment(init or b"", clear) if fragmented else stream(clear))
    except BadStream as exc:
        return evolve(seen, fault=str(exc))


def _clear(entry: Entry, data: bytes, key: bytes | None) -> tuple[bytes, str]:
    told = attributes(entry.key)
    if told.get("METHOD", "NONE") == "NONE":
        return data, ""
    if key is None:
        return data, "no key at its address"
    try:
        return decrypted(data, key, told.get("IV", "")), ""
    except NotDecrypted as exc:
        return data, str(exc)


def footage(
    playlist: Playlist,
    shots: tuple[Shot, ...],
    *,
    master: Playlist | None = None,
    sizes: Mapping[str, int] | None = None,
) -> Footage:
    """A list with what was seen of it, in the order of its numbers."""
    in_order = tuple(sorted(shots, key=lambda each: each.entry.number))
    return Footage(playlist.uri, playlist, in_order, stated(master, playlist.uri), dict(sizes or {}))


def joined(before: Entry, after: Entry) -> bool:
    """Whether a player takes two segments for one piece: consecutive numbers, and no DISCONTINUITY between.

    A list that begins with the later one shows no tag above it: there the discontinuity number tells.
    """
    return after.number == before.number + 1 and not after.breaks and after.dsn == before.dsn


def beyond(entry: Entry, size: int) -> bool:
    """Whether a byte range ends behind the file."""
    found = range_of(entry.byterange)
    return found is not None and found[1] is not None and sum((found[0], found[1])) > size
