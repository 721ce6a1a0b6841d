"""Full-screen television: the whole screen is the window; any way out of it leads home."""

from datetime import timedelta
from typing import Final

from attrs import evolve

from portal_pages import layout, statics, text, text_zh
from portal_pages.boards.catchup import catchup_id
from portal_pages.boards.over_video import channel_failed
from portal_pages.dates import clock
from portal_pages.facts import ChannelFact, ChannelNow, TvFact, Viewer
from portal_pages.states import Focusable, Hint, Local, Nav, Open, Page, Rect, Target, Video
from portal_pages.views import Bar, Image, Panel, Part, Rich, Run, Text

_BANNER: Final = Rect(40, 556, 1200, 130)
ROOT: Final = "tv"
"""The page of the channel watched last; other channels are `tv-<id>`."""


def tv_page(viewer: Viewer, channel: ChannelFact, previous: int = 0, following: int = 0, page: str = ROOT) -> Page:
    """One channel of which the guide tells nothing; see `channel_page`."""
    return channel_page(viewer, TvFact(ChannelNow(channel), previous, following), page)


def channel_page(viewer: Viewer, fact: TvFact, page: str = ROOT) -> Page:
    """One channel on the full screen, with a banner that the script takes away while no key is pressed.

    The page's id is `tv` or `tv-<channel id>`: `page` says under which of them it was asked for.
    """
    channel, previous, following = fact.now.channel, fact.previous, fact.following
    keys, banner = _keys(channel, previous, following), _banner(viewer, fact) if viewer.video else ()
    if viewer.video:
        keys |= {f"D{digit}": Local(f"dial:{digit}") for digit in range(10)} | _again(fact) | _halt(fact)
    if _subtitled(viewer, channel):
        keys["YELLOW"] = Local("subtitles")
    screen = Focusable("screen", layout.SAFE, Open("home"), text_zh.HOME, look="bare", detail=banner)
    return Page(
        id=page,
        parent="home",
        title=channel.name,
        mode=viewer.mode,
        focusables=(screen,),
        default_focus="screen",
        parts=_label(viewer, channel),
        nav={"screen": Nav()},
        keys=keys,
        layers=(channel_failed(viewer.mode, _keys_of_layer(keys)),) if viewer.video else (),
        hints=() if viewer.video else _hints(channel, previous, following),
        video=_video(viewer, channel) if viewer.video else None,
    )


def _subtitled(viewer: Viewer, channel: ChannelFact) -> bool:
    """Whether a channel's list may hold subtitles that this viewer's player can show: those of own channels do."""
    return viewer.subtitles and channel.url.startswith("/ch/")


def channel_id(channel: int) -> str:
    """Page id of one channel on the full screen."""
    return f"{ROOT}-{channel}"


def _keys(channel: ChannelFact, previous: int, following: int) -> dict[str, Target]:
    keys: dict[str, Target] = {"MENU": Open("home")}
    if following not in (0, channel.id):
        keys |= dict.fromkeys(("UP", "CH_UP"), Open(channel_id(following)))
    if previous not in (0, channel.id):
        keys |= dict.fromkeys(("DOWN", "CH_DOWN"), Open(channel_id(previous)))
    return keys


def _hints(channel: ChannelFact, previous: int, following: int) -> tuple[Hint, ...]:
    """Only a still has room for them."""
    keys = tuple(key for key in ("UP", "DOWN") if key in _keys(channel, previous, following))
    change = (Hint(keys, text_zh.OTHER_CHANNEL),) if keys else ()
    return (*change, Hint(("OK",), text_zh.HOME), Hint(("BACK",), text_zh.HOME))


def _keys_of_layer(keys: dict[str, Target]) -> dict[str, Target]:
    """The channel can be changed while a layer says that it has no signal."""
    return {key: to for key, to in keys.items() if key in {"CH_UP", "CH_DOWN"}}


def _again(fact: TvFact) -> dict[str, Target]:
    """GREEN shows what is on from its start; its page in the guide does so too."""
    current = fact.now.current
    return {"GREEN": Open(catchup_id(current))} if current and fact.now.kept else {}


def _halt(fact: TvFact) -> dict[str, Target]:
    """PAUSE on an own channel: its list grows, so what is on goes on from there whenever the viewer likes."""
    current, own = fact.now.current, fact.now.channel.url.startswith("/ch/")
    if not (current and fact.now.kept and own):
        return {}
    return dict.fromkeys(("PAUSE", "PLAY_PAUSE"), Open(catchup_id(current, halted=True)))


def _banner(viewer: Viewer, fact: TvFact) -> tuple[Part, ...]:
    """Number and name of the channel, what is on and how far it is, what comes next."""
    big, small = layout.scaled(viewer.mode, 40), layout.scaled(viewer.mode, 28)
    channel, current, coming = fact.now.channel, fact.now.current, fact.now.following
    right = text_zh.GREEN_AGAIN if _again(fact) else ""
    x, w = _BANNER.x + 380, 796
    on = f"{clock(current.start)} – {clock(current.stop)} {current.title}" if current else fact.said or text_zh.NO_GUIDE
    told = f"接着 {clock(coming.start)} {coming.title}" if coming else ""
    aside = text.box(right, small) + 16 if right else 0
    y, h = _BANNER.y + (14 if viewer.mode == "standard" else 6), big + 16
    parts: list[Part] = [
        Panel(_BANNER.x, _BANNER.y, _BANNER.w, _BANNER.h),
        Text(_BANNER.x + 27, y, 120, h, str(channel.number), big, "primary", "accent", bold=True, name="v_num"),
        layout.label(
            _BANNER.x + 150, y, 216, h, channel.name, layout.scaled(viewer.mode, 32), tier="primary", name="v_name"
        ),
        layout.label(x, y, w, h, fact.said or on, small, role="error" if fact.said else "text"),
        layout.label(x, y + h + 2, w - aside, small + 16, told, small, role="secondary"),
    ]
    if current:
        whole = (current.stop - current.start) / timedelta(seconds=1)
        part = min(max((viewer.now - current.start) / timedelta(seconds=1) / whole, 0.0), 1.0) if whole > 0 else 0.0
        bar = Rect(_BANNER.x + 30, y + h + 18, 320, 10)
        parts += [Panel(bar.x - 3, bar.y - 3, bar.w + 6, bar.h + 6, "card"), Bar(bar.x, bar.y, bar.w, bar.h, part)]
    if right:
        parts.append(
            layout.label(x + w - aside, y + h + 2, aside, small + 16, right, small, role="accent", align="right")
        )
    return tuple(parts)


def still_of(channel: ChannelFact) -> str:
    """The picture in the place of a channel where no video can be; the lake when it has none."""
    return channel.still or statics.url("lake.jpg")


def video_of(rect: Rect, channel: ChannelFact) -> Video:
    """A channel's picture in motion."""
    number = channel.number if channel.multicast else 0
    return Video(rect, channel.id, channel.url, still_of(channel), number=number)


def _video(viewer: Viewer, channel: ChannelFact) -> Video:
    return evolve(video_of(layout.SCREEN, channel), subtitles=_subtitled(viewer, channel))


def _label(viewer: Viewer, channel: ChannelFact) -> tuple[Part, ...]:
    """Number and name of the channel, gone after five seconds; over a still it stays and says what OK does."""
    size = layout.scaled(viewer.mode, 30)
    number = f"{channel.number}　"
    name = text.cut(channel.name, size, 380 - text.box(number, size) - 20)
    runs = (Run(number, "accent", bold=True, gap=17), Run(name))
    if viewer.video:
        return (Rich(84, 56, _wide(number + name, size), 46, runs, size, name="v_label", look="ch live"),)
    told = (Run(text_zh.PRESS_OK_HOME, gap=17),)
    return (
        Image(0, 0, 1280, 720, still_of(channel)),
        Rich(84, 56, _wide(number + name, size), 46, runs, size, look="ch live"),
        Rich(84, 118, _wide(text_zh.PRESS_OK_HOME, size), 46, told, size, look="ch live"),
    )


def _wide(words: str, size: int) -> int:
    return min(text.box(words, size) + 34, 400)
