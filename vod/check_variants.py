"""Rules 15, 20 and 24-28 of video.md §12 as far as text goes: the lists of one master, fetched together."""

import re
from collections.abc import Iterator

from attrs import frozen

from vod.check_lists import differ
from vod.check_masters import key_frame_lists
from vod.check_read import Entry, Fault, Playlist, attributes, path_of

_OURS = re.compile(r"(\d+-\d+)/(?:f?\d+|sub-[\w-]+)/(\d+)\.\w+$")
"""A segment's address of ours: film, rung or subtitles, place."""


@frozen
class Variants:
    """The lists of one master as fetched in one round; `master` is None where there is only a list."""

    master: Playlist | None
    lists: tuple[Playlist, ...]

    @property
    def pictures(self) -> tuple[Playlist, ...]:
        return tuple(each for each in self.lists if each.kind == "media")

    @property
    def texts(self) -> tuple[Playlist, ...]:
        """The subtitles of a channel."""
        return tuple(each for each in self.lists if each.kind == "subtitles" and each.aired)

    def pairs(self) -> Iterator[tuple[Playlist, Playlist]]:
        """The first list of pictures with each other one."""
        return ((self.pictures[0], other) for other in self.pictures[1:])

    def in_step(self) -> Iterator[tuple[Playlist, Playlist]]:
        """The first list of pictures with each other one, and with the subtitles of a channel."""
        return ((first, other) for first in self.pictures[:1] for other in (*self.pictures[1:], *self.texts))


def same_ranges(variants: Variants) -> Iterator[Fault]:
    """15: DATERANGE is the same in all variants where their windows are."""
    for first, other in variants.pairs():
        if _window(first) == _window(other) and _ranges(first) != _ranges(other):
            odd = sorted(set(_ranges(first).items()) ^ set(_ranges(other).items()))
            yield other.uri, 0, "the DATERANGE of the other variants", odd[0][0]


def _window(playlist: Playlist) -> tuple[int, int]:
    return (playlist.entries[0].number, playlist.entries[-1].number) if playlist.entries else (0, 0)


def _ranges(playlist: Playlist) -> dict[str, str]:
    return {attributes(value).get("ID", ""): value for value in playlist.values("EXT-X-DATERANGE")}


def independent(variants: Variants) -> Iterator[Fault]:
    """20: INDEPENDENT-SEGMENTS stands in the master or in each list of pictures."""
    tag, master = "EXT-X-INDEPENDENT-SEGMENTS", variants.master
    if master is not None and master.all(tag):
        return
    for each in variants.pictures if variants.lists or master is None else (master,):
        if not each.all(tag):
            yield each.uri, 0, "INDEPENDENT-SEGMENTS", "none"


def key_frames_only(variants: Variants) -> Iterator[Fault]:
    """24: a list that the master calls one of key frames is one."""
    wanted = key_frame_lists(variants.master) if variants.master else []
    for each in variants.lists:
        if each.uri in wanted and each.kind != "iframes":
            yield each.uri, 0, "I-FRAMES-ONLY", "none"


def same_target(variants: Variants) -> Iterator[Fault]:
    """25: TARGETDURATION; subtitles keep step on a channel only."""
    for first, other in variants.pairs():
        if first.target != other.target:
            yield other.uri, 0, f"target {first.target}", f"{other.target}"
    for text in variants.texts if variants.pictures else ():
        if text.target != variants.pictures[0].target:
            yield text.uri, 0, f"target {variants.pictures[0].target}", f"{text.target}"


def same_cuts(variants: Variants) -> Iterator[Fault]:
    """26: as many segments, of the same lengths, with breaks at the same places.

    Live lists are fetched one after the other, so the last one may have a segment more.
    """
    for first, other in variants.in_step():
        ours, theirs = first.entries, other.entries
        apart = abs(_window(first)[1] - _window(other)[1])
        if (apart > 1) if first.live and other.live else (len(ours) != len(theirs)):
            yield other.uri, 0, f"{len(ours)} segments to {_window(first)[1]}", f"{len(theirs)} to {_window(other)[1]}"
            continue
        common = _common(first, other)
        wrong = next(((a, b) for a, b in common if differ(a.seconds, b.seconds)), None)
        if wrong:
            yield other.uri, wrong[1].line, f"EXTINF {wrong[0].seconds:.3f}", f"{wrong[1].seconds:.3f}"
        # Above the first common segment a list that begins there has no tag to show.
        if any(a.breaks != b.breaks for a, b in common[1:]):
            yield other.uri, 0, "DISCONTINUITY at the same places", "other places"


def same_length(variants: Variants) -> Iterator[Fault]:
    """27: films are as long in every variant."""
    for first, other in variants.pairs():
        as_many = len(first.entries) == len(other.entries)
        each_same = all(not differ(a.seconds, b.seconds) for a, b in _common(first, other))
        if not first.live and as_many and each_same and differ(first.seconds, other.seconds):
            yield other.uri, 0, f"{first.seconds:.3f} s", f"{other.seconds:.3f} s"


def same_content(variants: Variants) -> Iterator[Fault]:
    """28: one number means one content: its discontinuity number, its date, and where addresses are ours its film."""
    for first, other in variants.in_step():
        common = _common(first, other)[1:]
        in_step = all(a.breaks == b.breaks for a, b in common)  # else rule 26 has told
        for (ours, date), (theirs, other_date) in zip(*_dated(first, other), strict=True):
            if _other(ours, theirs) or (in_step and ours.dsn != theirs.dsn):
                yield other.uri, theirs.line, f"segment {ours.number} as {_shown(ours)}", _shown(theirs)
                break
            if date is not None and other_date is not None and differ(date / 1000, other_date / 1000):
                found = f"{(other_date - date) / 1000:+.3f} s"
                yield other.uri, theirs.line, f"segment {ours.number} at the same time", found
                break


def _common(first: Playlist, other: Playlist) -> list[tuple[Entry, Entry]]:
    theirs = {entry.number: entry for entry in other.entries}
    return [(entry, theirs[entry.number]) for entry in first.entries if entry.number in theirs]


def _dated(first: Playlist, other: Playlist) -> list[list[tuple[Entry, float | None]]]:
    common = {entry.number for entry, _ in _common(first, other)}
    return [[(e, at) for e, at in starts(each) if e.number in common] for each in (first, other)]


def starts(playlist: Playlist) -> list[tuple[Entry, float | None]]:
    """Each segment with its date in ms, told or reckoned from the one told before."""
    at: float | None = None
    found = []
    for entry in playlist.entries:
        at = entry.date_ms if entry.date_ms is not None else at
        found.append((entry, at))
        at = None if at is None else at + entry.seconds * 1000
    return found


def _other(ours: Entry, theirs: Entry) -> bool:
    """Whether they are of different films or places; subtitles of nothing go with any film."""
    film = _film(theirs)
    return film != _film(ours) and not (film is None and path_of(theirs.uri).endswith(".vtt"))


def _film(entry: Entry) -> object:
    ours = _OURS.search(path_of(entry.uri))
    return ours.groups() if ours else None


def _shown(entry: Entry) -> str:
    ours = _OURS.search(path_of(entry.uri))
    return f"discontinuity number {entry.dsn}" + (f", film {ours[1]}, place {int(ours[2])}" if ours else "")
