"""Rules 19 and 21-24 of video.md §12: what a master list may say. Each function gives line, expected, found."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from vod.check_read import Playlist, attributes, decimal, size_of, unquoted, whole

Here = Iterator[tuple[int, str, str]]
_COMPLETE: Final = frozenset({"BANDWIDTH", "AVERAGE-BANDWIDTH", "CODECS", "RESOLUTION", "FRAME-RATE"})
_GROUPS: Final = ("AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS")


def complete_variants(playlist: Playlist) -> Here:
    """19: STREAM-INF says all, and an address stands below it."""
    addresses = {line.number for line in playlist.lines if not line.tag}
    for line in playlist.all("EXT-X-STREAM-INF"):
        found = attributes(line.value)
        missing = _COMPLETE - set(found)
        if missing:
            yield line.number, "a complete STREAM-INF", f"without {', '.join(sorted(missing))}"
        elif not 0 < whole(found["AVERAGE-BANDWIDTH"]) <= whole(found["BANDWIDTH"]):
            yield line.number, "AVERAGE-BANDWIDTH up to BANDWIDTH", found["AVERAGE-BANDWIDTH"]
        if line.number + 1 not in addresses:
            yield line.number, "an address below STREAM-INF", "none"


def profile_order(playlist: Playlist) -> Here:
    """21: each variant once, 540 first and then falling, as most players start with the first."""
    lines = playlist.all("EXT-X-STREAM-INF")
    found = [attributes(line.value) for line in lines]
    same = [(each.get("RESOLUTION"), each.get("CODECS", "")[:5], each.get("AUDIO")) for each in found]
    if len(set(same)) < len(same):
        yield 0, "each variant once", ", ".join(str(each.get("RESOLUTION")) for each in found)
    heights = [(size_of(each.get("RESOLUTION", "")) or (0, 0))[1] for each in found]
    if heights != sorted(heights, key=lambda height: (height != 540, -height)):
        yield 0, "540 first, then falling", str(heights)


def pictures(playlist: Playlist) -> Here:
    """22: one shape in all variants, at most 60 frames a second."""
    found = [(line, attributes(line.value)) for line in playlist.all("EXT-X-STREAM-INF")]
    sizes = [size for _, each in found if (size := size_of(each.get("RESOLUTION", "")))]
    widest = max(sizes, default=(16, 9))
    for line, each in found:
        size = size_of(each.get("RESOLUTION", ""))
        if size and abs(size[0] - size[1] * widest[0] / max(1, widest[1])) > 1:
            yield line.number, f"the shape of {widest[0]}x{widest[1]}", each["RESOLUTION"]
        if (decimal(each.get("FRAME-RATE", "25")) or 0.0) > 60:
            yield line.number, "at most 60 fps", each["FRAME-RATE"]


def groups(playlist: Playlist) -> Here:
    """23: groups that variants name exist; their members have language and name, one of them is the default."""
    media = [(line, attributes(line.value)) for line in playlist.all("EXT-X-MEDIA")]
    known = {(each.get("TYPE"), each.get("GROUP-ID")) for _, each in media}
    for line in playlist.all("EXT-X-STREAM-INF"):
        each = attributes(line.value)
        for kind in _GROUPS:
            if kind in each and each[kind] != "NONE" and (kind, each[kind]) not in known:
                yield line.number, f"a MEDIA of TYPE {kind} and GROUP-ID {each[kind]}", "none"
    defaults: set[tuple[str | None, str | None]] = set()
    for line, each in media:
        missing = {"TYPE", "GROUP-ID", "LANGUAGE", "NAME"} - set(each)
        if missing:
            yield line.number, "TYPE, GROUP-ID, LANGUAGE and NAME", f"without {', '.join(sorted(missing))}"
        group = (each.get("TYPE"), each.get("GROUP-ID"))
        if each.get("DEFAULT") == "YES" and group in defaults:
            yield line.number, "one DEFAULT in a group", "another"
        defaults |= {group} if each.get("DEFAULT") == "YES" else set()


def key_frames(playlist: Playlist) -> Here:
    """24: entries of key-frame lists are complete."""
    for line in playlist.all("EXT-X-I-FRAME-STREAM-INF"):
        missing = {"BANDWIDTH", "CODECS", "RESOLUTION", "URI"} - set(attributes(line.value))
        if missing:
            found = f"without {', '.join(sorted(missing))}"
            yield line.number, "an I-FRAME-STREAM-INF with BANDWIDTH, CODECS, RESOLUTION and URI", found


def stated(master: Playlist | None, uri: str) -> dict[str, str]:
    """What a master says of the list at an address; nothing without a master."""
    if master is None:
        return {}
    for line, below in pairwise(master.lines):
        if line.tag == "EXT-X-STREAM-INF" and not below.tag and master.address(below.value) == uri:
            return attributes(line.value)
    return {}


def listed(master: Playlist) -> list[str]:
    """Addresses of all lists that a master names, in its order, each once."""
    variants = [
        below.value for line, below in pairwise(master.lines)
        if line.tag == "EXT-X-STREAM-INF" and not below.tag
    ]  # fmt: skip
    named = [
        unquoted(found["URI"])
        for line in master.lines
        if line.tag in {"EXT-X-MEDIA", "EXT-X-I-FRAME-STREAM-INF"} and "URI" in (found := attributes(line.value))
    ]
    return list(dict.fromkeys(master.address(uri) for uri in (*variants, *named)))


def sound_lists(master: Playlist) -> list[str]:
    """Addresses of lists said to be sound alone."""
    media = (attributes(line.value) for line in master.all("EXT-X-MEDIA"))
    return [master.address(unquoted(each["URI"])) for each in media if each.get("TYPE") == "AUDIO" and "URI" in each]


def key_frame_lists(master: Playlist) -> list[str]:
    """Addresses of lists said to hold key frames only."""
    entries = (attributes(line.value) for line in master.all("EXT-X-I-FRAME-STREAM-INF"))
    return [master.address(unquoted(each["URI"])) for each in entries if "URI" in each]
