"""Full-screen television: the whole screen is the window; any way out of it leads home."""

from typing import Final

from portal_pages import layout, statics, text, text_zh
from portal_pages.facts import ChannelFact, Viewer
from portal_pages.states import Focusable, Hint, Nav, Open, Page, Rect, Target, Video
from portal_pages.views import Image, Part, Rich, Run

ROOT: Final = "tv"
"""The page of the channel watched last; other channels are `tv-<id>`."""


def tv_page(viewer: Viewer, channel: ChannelFact, previous: int = 0, following: int = 0, page: str = ROOT) -> Page:
    """One channel; `previous` and `following` are the channels that DOWN and UP change to, 0 = none.

    The page's id is `tv` or `tv-<channel id>`: `page` says under which of them it was asked for.
    """
    screen = Focusable("screen", layout.SAFE, Open("home"), text_zh.HOME, look="bare")
    return Page(
        id=page,
        parent="home",
        title=channel.name,
        mode=viewer.mode,
        focusables=(screen,),
        default_focus="screen",
        parts=_label(viewer, channel),
        nav={"screen": Nav()},
        keys=_keys(channel, previous, following),
        hints=() if viewer.video else _hints(channel, previous, following),
        video=video_of(layout.SCREEN, channel) if viewer.video else None,
    )


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


def still_of(channel: ChannelFact) -> str:
    """The picture in the place of a channel where no video can be; the lake when it has none."""
    return channel.still or statics.url("lake.jpg")


def video_of(rect: Rect, channel: ChannelFact) -> Video:
    """A channel's picture in motion."""
    number = channel.number if channel.multicast else 0
    return Video(rect, channel.id, channel.url, still_of(channel), number=number)


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
