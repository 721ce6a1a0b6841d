"""XMLTV out: valid by xmltv.dtd, in canonical order, the same bytes for the same guide.

A programme stands in the file of the local day it starts in and nowhere else, so day files add up to the long one.
"""

import gzip
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final
from xml.sax.saxutils import quoteattr

from epg.model import CHANNEL_ID, CREDITS, MARKS, Channel, Programme
from epg.schedule import in_order
from epg.times import SHANGHAI, TimeWriter

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff�\ufffe\uffff]")
_BLANKS = re.compile("[\t\n\r\u2028\u2029]+")
_END: Final = "</tv>\n"


def write(
    channels: Iterable[Channel], programmes: Iterable[Programme], *, at: datetime, zone: tzinfo = SHANGHAI
) -> bytes:
    """The guide as one document; `at` is the instant of the snapshot and becomes the date of the file.

    Channels without programmes and programmes without a known end are left out. Raises ValueError for a channel id
    that readers do not accept and for a programme on a channel that is not given.
    """
    return "".join(pieces(channels, programmes, at=at, zone=zone)).encode()


def packed(document: bytes) -> bytes:
    """The document in gzip, the same bytes each time."""
    return gzip.compress(document, 6, mtime=0)


def pieces(
    channels: Iterable[Channel], programmes: Iterable[Programme], *, at: datetime, zone: tzinfo = SHANGHAI
) -> Iterator[str]:
    """The document piece by piece: head, channels by id, programmes by channel, start and stop, end."""
    times = TimeWriter(zone)
    known = {channel.xmltv_id: channel for channel in channels}
    rows = in_order(programme for programme in programmes if not programme.open)
    used = sorted({programme.channel for programme in rows})
    if strange := [name for name in used if name not in known or not CHANNEL_ID.fullmatch(name)]:
        raise ValueError(f"not a channel of the guide, or not an XMLTV id: {', '.join(strange)}")
    yield _head(times.text(at))
    yield from (_channel(known[name]) for name in used)
    ids = {name: quoteattr(name) for name in used}
    yield from (programme_xml(row, times, ids) for row in rows)
    yield _END


def fragment(programmes: Iterable[Programme], zone: tzinfo = SHANGHAI, *, kodi: bool = False) -> bytes:
    """The `<programme>`s of one channel and day, to be put into a document by `framed`; those without an end not.

    With `kodi` each names itself by `catchup-id`, which the DTD does not have.
    """
    rows = in_order(one for one in programmes if not one.open)
    ids = {row.channel: quoteattr(row.channel) for row in rows}
    times = TimeWriter(zone)
    if kodi:
        return "".join(programme_xml(row, times, _named(ids, row)) for row in rows).encode()
    return "".join(programme_xml(row, times, ids) for row in rows).encode()


def _named(ids: Mapping[str, str], row: Programme) -> dict[str, str]:
    return {row.channel: f"{ids[row.channel]} catchup-id={quoteattr(row.uid)}"}


def framed(
    channels: Iterable[Channel], fragments: Mapping[str, Sequence[bytes]], *, at: datetime, zone: tzinfo = SHANGHAI
) -> bytes:
    """A document of fragments by channel id, each channel's in the order of days; what `write` makes of the same."""
    used = sorted((one for one in channels if any(fragments.get(one.xmltv_id, ()))), key=lambda one: one.xmltv_id)
    head = _head(TimeWriter(zone).text(at)) + "".join(map(_channel, used))
    return b"".join([head.encode(), *(part for one in used for part in fragments[one.xmltv_id]), _END.encode()])


def _head(date: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n'
        f'<tv date="{date}" generator-info-name="nanhu-tv">\n'
    )


def _channel(channel: Channel) -> str:
    names = "".join(
        f"    <display-name{_lang(name.lang)}>{_line(name.text)}</display-name>\n" for name in channel.names
    )
    if not channel.names:
        names = f"    <display-name>{_line(channel.xmltv_id)}</display-name>\n"
    if channel.number is not None:
        names += f"    <display-name>{channel.number}</display-name>\n"
    icon = f"    <icon src={quoteattr(_clean(channel.icon))} />\n" if channel.icon else ""
    return f"  <channel id={quoteattr(channel.xmltv_id)}>\n{names}{icon}  </channel>\n"


def programme_xml(one: Programme, times: TimeWriter, ids: Mapping[str, str]) -> str:
    """One `<programme>` with its children in the order of xmltv.dtd; `ids` are the quoted ids of channels."""
    lang = _lang(one.lang)
    text = (
        f'  <programme start="{times.text(one.start)}" stop="{times.text(one.stop)}" channel={ids[one.channel]}'
        f"{_attribute('clumpidx', one.clump)}>\n    <title{lang}>{_line(one.title)}</title>\n"
    )
    if one.sub_title:
        text += f"    <sub-title{lang}>{_line(one.sub_title)}</sub-title>\n"
    if one.desc:
        text += f"    <desc{lang}>{_escaped(one.desc)}</desc>\n"
    if one.credits:
        text += _credits(one)
    if one.date:
        text += f"    <date>{_line(one.date)}</date>\n"
    for category in one.categories:
        text += f"    <category{lang}>{_line(category)}</category>\n"
    return text + _rest(one, lang) + "  </programme>\n"


def _credits(one: Programme) -> str:
    lines = (
        f"      <{part}>{_line(who.name)}</{part}>\n" for part in CREDITS for who in one.credits if who.part == part
    )
    return f"    <credits>\n{''.join(lines)}    </credits>\n"


def _rest(one: Programme, lang: str) -> str:
    text = "".join(f"    <keyword{lang}>{_line(word)}</keyword>\n" for word in one.keywords)
    if one.icon:
        text += f"    <icon src={quoteattr(_clean(one.icon))} />\n"
    if one.episode:
        text += f'    <episode-num system="xmltv_ns">{_line(one.episode)}</episode-num>\n'
    if one.onscreen:
        text += f'    <episode-num system="onscreen">{_line(one.onscreen)}</episode-num>\n'
    if one.marks:
        text += "".join(f"    <{mark} />\n" for mark in MARKS if mark in one.marks)
    if one.rating:
        system = _attribute("system", one.rating_system)
        text += f"    <rating{system}>\n      <value>{_line(one.rating)}</value>\n    </rating>\n"
    return text


def _lang(lang: str) -> str:
    return ' lang="zh"' if lang == "zh" else _attribute("lang", lang)


def _attribute(name: str, value: str) -> str:
    return f" {name}={quoteattr(_clean(value))}" if value else ""


def _line(text: str) -> str:
    """Escaped, on one line."""
    return _escaped(text if text.isprintable() else _BLANKS.sub(" ", text))


def _escaped(text: str) -> str:
    text = _clean(text)
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    return text.replace(">", "&gt;") if ">" in text else text


def _clean(text: str) -> str:
    """Without what XML 1.0 does not have, and without characters that nobody can see."""
    if text.isprintable() and "�" not in text:
        return text
    return _FORBIDDEN.sub("", text)
