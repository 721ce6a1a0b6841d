"""HLS playlist text from values (RFC 8216; tags and their order: video.md §6). Equal values give equal bytes.

Addresses are relative to the list and hold ids and numbers only, so that a signed prefix is inherited.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Final, Literal

from attrs import evolve, frozen

from vod.catalogue import CHANNEL_LANGUAGE, FIRST_SOUND, NO_WORDS, TICKS_PER_S, Edition, KeyFrame, Rendition, Track
from vod.ladder import AUDIO_KBPS, FULL_HD, LADDER, SEGMENT_S, Rung, master_order
from vod.ledger import Film
from vod.linear import DateRange, Effective, Run, Slice, Window
from vod.rates import average, peak

TICKS_PER_MS = TICKS_PER_S // 1000
PROGRAMME_CLASS: Final = "cn.nanhu.programme"
EPOCH: Final = date(1970, 1, 1).toordinal()


@frozen
class Profile:
    """What a family of boxes is told. It never changes segments, durations or numbers.

    `top` is the highest rung it shows. `root` stands before `s/` and `k/`: as many `../` as the list lies deep, or an
    address from the root for boxes that cannot go upward.
    """

    top: int = 1080
    iframes: bool = False
    subtitles: bool = False
    sounds: bool = False
    dateranges: bool = False
    container: Literal["ts", "fmp4"] = "ts"
    root: str = "../../"


PLAIN: Final = Profile()
FULL: Final = Profile(iframes=True, subtitles=True, sounds=True, dateranges=True)
CHANNEL_CAPTIONS: Final = Track(CHANNEL_LANGUAGE, CHANNEL_LANGUAGE, "中文字幕", (), (), ())
"""The one track of a channel, as its master and the name of its list have it."""


def of_what_is_there(profile: Profile, film: Edition | Effective) -> Profile:
    """The profile as this film or channel can be listed: in transport streams where fragments are missing."""
    if profile.container == "ts" or (film.fmp4 if isinstance(film, Edition) else film.in_fragments):
        return profile
    return evolve(profile, container="ts")


def master(edition: Edition, profile: Profile = PLAIN) -> bytes:
    """The list of rungs; beside it lie `<rung>.m3u8` (fMP4 `f<rung>`), `iframes-<rung>`, `sub-<key>`, `sound-<key>`."""
    renditions = _shown(edition.renditions, profile)
    sounds = edition.sounds if profile.sounds else ()
    subtitles = edition.subtitles if profile.subtitles else ()
    uses = (',AUDIO="sound"' if sounds else "") + (',SUBTITLES="sub"' if subtitles else "")
    return _text(
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-INDEPENDENT-SEGMENTS\n",
        *_sounds_of(sounds),
        *_subtitles_of(subtitles),
        *(_stream_inf(each, *_rates(edition, each, profile), uses, profile) for each in renditions),
        *(_iframe_stream_inf(each) for each in renditions if profile.iframes and any(each.iframes)),
    )


def channel_master(edition: Edition, profile: Profile = PLAIN) -> bytes:
    """The rungs of a scheduled channel as any of its films has them, with the rates its ladder promises.

    Its subtitles are announced whatever is on, so that players need not ask for the master again.
    """
    promised = {rung.height: rung for rung in (*LADDER, FULL_HD)}
    subtitles = (CHANNEL_CAPTIONS,) if profile.subtitles else ()
    uses = ',SUBTITLES="sub"' if subtitles else ""
    entries = [
        _stream_inf(each, promised[each.rung].cap, _on_average(promised[each.rung]), uses, profile)
        for each in _shown(edition.renditions, profile)
    ]
    return _text("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-INDEPENDENT-SEGMENTS\n", *_subtitles_of(subtitles), *entries)


def media(edition: Edition, key: str, rung: int, profile: Profile = PLAIN) -> bytes:
    """The complete list of one rung; `key` names the revision, such as `5-1`."""
    fmp4 = profile.container == "fmp4"
    folder, suffix = f"{profile.root}s/{key}/{'f' if fmp4 else ''}{rung}/", "m4s" if fmp4 else "ts"
    map_line = f'#EXT-X-MAP:URI="{folder}init.mp4"\n' if fmp4 else ""
    lengths = durations(edition.seg_ticks)
    return _text(
        _vod_head(6 if fmp4 else 3, max(SEGMENT_S, target(edition.seg_ticks))),
        _key(edition.iv, f"{profile.root}k/{key}") if edition.iv else "",
        map_line,
        *[f"#EXTINF:{length},\n{folder}{number:05d}.{suffix}\n" for number, length in enumerate(lengths)],
        "#EXT-X-ENDLIST\n",
    )


def iframes(edition: Edition, key: str, rung: int, profile: Profile = PLAIN) -> bytes | None:
    """The key frames of one rung, for trick play; None if they were not measured or the segments are encrypted."""
    rendition = edition.rendition(rung)
    if rendition is None or not any(rendition.iframes):
        return None
    frames = [(number, *frame) for number, of_segment in enumerate(rendition.iframes) for frame in of_segment]
    ticks = [frame[3] for frame in frames]
    folder = f"{profile.root}s/{key}/{rung}/"
    return _text(
        _vod_head(4, target(ticks), "#EXT-X-I-FRAMES-ONLY\n"),
        *(
            f"#EXTINF:{length},\n#EXT-X-BYTERANGE:{size}@{offset}\n{folder}{number:05d}.ts\n"
            for (number, offset, size, _), length in zip(frames, durations(ticks), strict=True)
        ),
        "#EXT-X-ENDLIST\n",
    )


def subtitles(track: Track, key: str, profile: Profile = PLAIN) -> bytes:
    """One language of a film's subtitles, in segments and with a target duration of its own."""
    return _track(track, f"{profile.root}s/{key}/sub-{track.key}/", "vtt", target(track.seg_ticks))


def sound(track: Track, edition: Edition, key: str, profile: Profile = PLAIN) -> bytes:
    """A further sound of a film: the target duration is that of the pictures."""
    longest = max(SEGMENT_S, target(edition.seg_ticks), target(track.seg_ticks))
    key_line = _key(edition.iv, f"{profile.root}k/{key}") if edition.iv else ""
    return _track(track, f"{profile.root}s/{key}/sound-{track.key}/", "ts", longest, key_line)


def linear(window: Window, rung: int | None, profile: Profile = PLAIN) -> bytes:
    """A live list: neither type nor end, unless the range asked for is over. Rung None: the subtitles in step."""
    ranges = "".join(map(_daterange, window.dateranges)) if profile.dateranges else ""
    return _text(
        f"{_air_head(rung, profile)}#EXT-X-MEDIA-SEQUENCE:{window.msn}\n#EXT-X-DISCONTINUITY-SEQUENCE:{window.dsn}\n"
        f"#EXT-X-INDEPENDENT-SEGMENTS\n{ranges}",
        *(_captions(window.runs, profile) if rung is None else _runs(window.runs, rung, profile)),
        "#EXT-X-ENDLIST\n" if window.ended else "",
    )


def cut(found: Slice, rung: int | None, profile: Profile = PLAIN) -> bytes:
    """What was on in a range, as a complete list with numbers of its own and the dates of the air.

    Rung None: the subtitles in step.
    """
    ranges = "".join(map(_daterange, found.dateranges)) if profile.dateranges else ""
    zero = "#EXT-X-DISCONTINUITY-SEQUENCE:0\n" if len(found.runs) > 1 else ""
    return _text(
        f"{_air_head(rung, profile)}#EXT-X-MEDIA-SEQUENCE:0\n{zero}#EXT-X-PLAYLIST-TYPE:VOD\n"
        f"#EXT-X-INDEPENDENT-SEGMENTS\n{ranges}",
        *(_captions(found.runs, profile) if rung is None else _runs(found.runs, rung, profile)),
        "#EXT-X-ENDLIST\n",
    )


def durations(seg_ticks: Sequence[int]) -> list[str]:
    """EXTINF texts: three decimals when all are whole milliseconds, else six."""
    different = set(seg_ticks)
    write = _in_ms if all(ticks % TICKS_PER_MS == 0 for ticks in different) else _in_us
    texts = {ticks: write(ticks) for ticks in different}
    return [texts[ticks] for ticks in seg_ticks]


def target(seg_ticks: Iterable[int]) -> int:
    """TARGETDURATION: what the longest segment rounds to, in seconds."""
    return max(1, (max(seg_ticks) * 2 // TICKS_PER_S + 1) // 2)


def _text(*parts: str) -> bytes:
    return "".join(parts).encode()


def _in_ms(ticks: int) -> str:
    ms = ticks // TICKS_PER_MS
    return f"{ms // 1000}.{ms % 1000:03d}"


def _in_us(ticks: int) -> str:
    us = round(ticks * 100 / 9)
    return f"{us // 1_000_000}.{us % 1_000_000:06d}"


def _air_head(rung: int | None, profile: Profile) -> str:
    version = 6 if profile.container == "fmp4" and rung is not None else 3
    return f"#EXTM3U\n#EXT-X-VERSION:{version}\n#EXT-X-TARGETDURATION:{SEGMENT_S}\n"


def _vod_head(version: int, longest: int, kind: str = "") -> str:
    return (
        f"#EXTM3U\n#EXT-X-VERSION:{version}\n#EXT-X-TARGETDURATION:{longest}\n#EXT-X-MEDIA-SEQUENCE:0\n"
        f"#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n{kind}"
    )


def _track(track: Track, folder: str, suffix: str, longest: int, key_line: str = "") -> bytes:
    lengths = durations(track.seg_ticks)
    return _text(
        _vod_head(3, longest),
        key_line,
        *(f"#EXTINF:{length},\n{folder}{number:05d}.{suffix}\n" for number, length in enumerate(lengths)),
        "#EXT-X-ENDLIST\n",
    )


def _shown(renditions: Iterable[Rendition], profile: Profile) -> list[Rendition]:
    """In the order of the master: all up to the profile's top rung, and the lowest in any case."""
    by_rung = {rendition.rung: rendition for rendition in renditions}
    kept = tuple(rung for rung in by_rung if rung <= max(profile.top, min(by_rung)))
    return [by_rung[rung] for rung in master_order(kept)]


def _on_average(rung: Rung) -> int:
    """The rung's cap, with its mean rate in the place of its greatest."""
    return rung.cap * (rung.kbps + AUDIO_KBPS) // (rung.maxrate + AUDIO_KBPS)


def _rates(edition: Edition, rendition: Rendition, profile: Profile) -> tuple[int, int]:
    """Peak and average of a rung as its container has it: fragments are smaller."""
    fragments = [each for each in edition.fmp4 if each.rung == rendition.rung and profile.container == "fmp4"]
    if not fragments:
        return rendition.peak, rendition.average
    sizes = fragments[0].segment_bytes
    return peak(sizes, edition.seg_ticks), average(sizes, edition.seg_ticks)


def _stream_inf(rendition: Rendition, peak: int, average: int, uses: str, profile: Profile) -> str:
    rate = rendition.frame_rate
    return (
        f"#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},"
        f'CODECS="{rendition.codecs}",RESOLUTION={rendition.width}x{rendition.height},'
        f"FRAME-RATE={rate // 1000}.{rate % 1000:03d}{uses}\n"
        f"{'f' if profile.container == 'fmp4' else ''}{rendition.rung}.m3u8\n"
    )


def _iframe_stream_inf(rendition: Rendition) -> str:
    frames = [frame for segment in rendition.iframes for frame in segment]
    peak = max(_rate([frame]) for frame in frames)
    return (
        f"#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={_rate(frames)},"
        f'CODECS="{rendition.codecs.partition(",")[0]}",RESOLUTION={rendition.width}x{rendition.height},'
        f'URI="iframes-{rendition.rung}.m3u8"\n'
    )


def _rate(frames: Sequence[KeyFrame]) -> int:
    """Bits per second when each picture lasts to the next."""
    return -(-sum(size for _, size, _ in frames) * 8 * TICKS_PER_S // sum(ticks for _, _, ticks in frames))


def _sounds_of(sounds: Sequence[Track]) -> list[str]:
    """The sound within the segments comes first and is the default; it has no address of its own."""
    if not sounds:
        return []
    own = f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="{FIRST_SOUND}",LANGUAGE="zh",DEFAULT=YES,AUTOSELECT=YES\n'
    return [
        own,
        *(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="{_quoted(track.title)}",LANGUAGE="{track.language}",'
            f'DEFAULT=NO,AUTOSELECT=YES,URI="sound-{track.key}.m3u8"\n'
            for track in sounds
        ),
    ]


def _subtitles_of(tracks: Iterable[Track]) -> list[str]:
    return [
        f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="sub",NAME="{_quoted(track.title)}",LANGUAGE="{track.language}",'
        f'DEFAULT={"YES" if track.default else "NO"},AUTOSELECT=YES,URI="sub-{track.key}.m3u8"\n'
        for track in tracks
    ]


def _quoted(title: str) -> str:
    """A title as a quoted string may hold it (RFC 8216 §4.2)."""
    return re.sub(r'["\x00-\x1f\x7f-\x9f\u2028\u2029]', " ", title)


def _key(iv: str, address: str) -> str:
    return f'#EXT-X-KEY:METHOD=AES-128,URI="{address}",IV=0x{iv}\n' if iv else "#EXT-X-KEY:METHOD=NONE\n"


def _date(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    day, second = divmod(seconds, 86_400)
    return f"{_day(day)}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.{ms:03d}Z"


@lru_cache(maxsize=16)
def _day(number: int) -> str:
    """Days since 1970 as a date; lists name few days and many times of them."""
    return date.fromordinal(EPOCH + number).isoformat()


def _daterange(programme: DateRange) -> str:
    duration, planned = programme.duration_ms, programme.planned_ms
    return (
        f'#EXT-X-DATERANGE:ID="{programme.id}",CLASS="{PROGRAMME_CLASS}",START-DATE="{_date(programme.start_ms)}"'
        + (f",DURATION={duration / 1000:.3f}" if duration is not None else "")
        + (f",PLANNED-DURATION={planned / 1000:.3f}\n" if planned is not None else "\n")
    )


_NOTHING: Final = Film(0, 0, ())


def _runs(runs: Sequence[Run], rung: int, profile: Profile) -> list[str]:
    """Segments of runs on air, between them a discontinuity; key and initialisation are told where they change."""
    fmp4 = profile.container == "fmp4"
    of_rung, suffix = (f"f{rung}", "m4s") if fmp4 else (str(rung), "ts")
    parts, shown = list[str](), _NOTHING
    for run in runs:
        film = run.film
        key = f"{film.asset}-{film.rev}"
        folder = f"{profile.root}s/{key}/{of_rung}/"
        between = "#EXT-X-DISCONTINUITY\n" if parts else ""
        parts.append(f"{between}#EXT-X-PROGRAM-DATE-TIME:{_date(run.start_ms)}\n")
        if (fmp4 or film.iv or shown.iv) and (film.asset, film.rev) != (shown.asset, shown.rev):
            parts.append(_changed(shown, film, f"{profile.root}k/{key}", f"{folder}init.mp4" if fmp4 else ""))
        parts += [f"{extinf}{folder}{number}.{suffix}\n" for extinf, number in film.marks[run.first : run.stop]]
        shown = film
    return parts


def _captions(runs: Sequence[Run], profile: Profile) -> list[str]:
    """The subtitles of runs on air, segment by segment as their pictures; they are never encrypted."""
    parts = list[str]()
    for run in runs:
        film = run.film
        between = "#EXT-X-DISCONTINUITY\n" if parts else ""
        parts.append(f"{between}#EXT-X-PROGRAM-DATE-TIME:{_date(run.start_ms)}\n")
        folder, nothing = f"{profile.root}s/{film.asset}-{film.rev}/sub-{film.captions}/", f"{profile.root}s/{NO_WORDS}"
        for extinf, number in film.marks[run.first : run.stop]:
            parts.append(f"{extinf}{folder}{number}.vtt\n" if film.captions else f"{extinf}{nothing}\n")
    return parts


def _changed(before: Film, film: Film, key: str, initial: str) -> str:
    """What another film needs told: its key, or that it has none, and its initialisation."""
    told = _key(film.iv, key) if film.iv or before.iv else ""
    return told + (f'#EXT-X-MAP:URI="{initial}"\n' if initial else "")
