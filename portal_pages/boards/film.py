"""A film: its page with poster and synopsis, and the player that fills the screen."""

from typing import Final

import attrs

from portal_pages import layout, text
from portal_pages.boards import over_video
from portal_pages.boards.today import column_title, finished, left, minutes
from portal_pages.dates import day
from portal_pages.facts import AssetFact, NextFact, Viewer
from portal_pages.focus import neighbours
from portal_pages.states import Focusable, Hint, Layer, Local, Nav, Open, Page, Rect, Target, Video
from portal_pages.views import Bar, Image, Panel, Part, Rich, Run, Text

POSTER: Final = Rect(96, 136, 480, 270)
STEP_S, LEAP_S = 10, 60
"""Seconds that LEFT and RIGHT, and UP and DOWN, move in a film."""
CELL_W, CELL_H = 160, 90
"""A small picture of a film (px), shown above the bar where a jump leads to; film.js knows the same numbers."""
BAR: Final = Rect(67, 620, 1146, 12)


def mm_ss(seconds: float) -> str:
    """A place in a film, in minutes and seconds as the player shows it: 52:07, 104:00."""
    whole = max(int(seconds), 0)
    return f"{whole // 60:02}:{whole % 60:02}"


def film_id(asset: AssetFact) -> str:
    return f"film-{asset.id}"


def _page_id(viewer: Viewer, asset: AssetFact) -> str:
    """`film-5`, and `film-5-n` for those who want no subtitles."""
    return film_id(asset) + ("-n" if viewer.silent else "")


def play_id(viewer: Viewer, asset: AssetFact | NextFact, again: bool = False) -> str:
    """`play-5`, from its start `play-5-0`, without subtitles `play-5-n` and `play-5-0-n`."""
    return f"play-{asset.id}" + ("-0" if again else "") + ("-n" if viewer.silent else "")


# --- the film's page ------------------------------------------------------------------------------------------


def film_page(viewer: Viewer, asset: AssetFact) -> Page:
    """Poster, title, length and synopsis, with the ways to begin it."""
    items = _buttons(viewer, asset)
    title = column_title(asset.column)
    return Page(
        id=_page_id(viewer, asset),
        parent=asset.back,
        parent_focus=f"f{asset.id}",
        title=title,
        mode=viewer.mode,
        focusables=items,
        default_focus=viewer.focus if viewer.focus in {f.id for f in items} else items[0].id,
        parts=(
            *layout.header(viewer.mode, title),
            Panel(64, 104, 1152, 454),
            *_picture(viewer, asset),
            *_words(viewer, asset),
        ),
        nav=neighbours(items),
        keys=_film_keys(viewer, asset, items),
        hints=(
            *((Hint(("LEFT", "RIGHT"), "选择"),) if len(items) > 1 else ()),
            Hint(("OK",), "播放"),
            *((Hint(("GREEN",), "接着看"),) if _begun(asset) else ()),
            Hint(("BACK",), "回到片单"),
        ),
    )


def _begun(asset: AssetFact) -> bool:
    return asset.resume_s > 0 and not finished(asset)


def _buttons(viewer: Viewer, asset: AssetFact) -> tuple[Focusable, ...]:
    begin = _beginnings(viewer, asset)
    if not (asset.subtitled and viewer.subtitles):
        return begin
    after = begin[-1].rect
    words, w = ("字幕：关", "字幕：开")[not viewer.silent], 236 if viewer.mode == "large" else 196
    other = attrs.evolve(viewer, silent=not viewer.silent)
    rect = Rect(after.x + after.w + 24, 572, w, 64)
    turn = layout.button(viewer.mode, "subtitles", rect, words, Open(_page_id(other, asset), "subtitles"), size=32)
    return (*begin, turn)


def _beginnings(viewer: Viewer, asset: AssetFact) -> tuple[Focusable, ...]:
    """The ways to begin it."""
    if _begun(asset):
        large = viewer.mode == "large"
        words, w = f"接着看 {mm_ss(asset.resume_s)}", 372 if large else 320
        again = Rect(64 + w + 24, 572, 220 if large else 196, 64)
        return (
            layout.button(viewer.mode, "play", Rect(64, 572, w, 64), words, Open(play_id(viewer, asset)), size=32),
            layout.button(viewer.mode, "again", again, "从头看", Open(play_id(viewer, asset, again=True)), size=32),
        )
    words = "再看一遍" if finished(asset) else "播放"
    ok = Open(play_id(viewer, asset, again=finished(asset)))
    return (layout.button(viewer.mode, "play", Rect(64, 572, 240, 64), words, ok, size=32),)


def _film_keys(viewer: Viewer, asset: AssetFact, items: tuple[Focusable, ...]) -> dict[str, Target]:
    first = items[0].ok
    keys: dict[str, Target] = {"PLAY": first, "PLAY_PAUSE": first} if first else {}
    return keys | ({"GREEN": Open(play_id(viewer, asset))} if _begun(asset) else {})


def _picture(viewer: Viewer, asset: AssetFact) -> tuple[Part, ...]:
    """The poster; below it how much has been seen."""
    parts: list[Part] = [Image(POSTER.x, POSTER.y, POSTER.w, POSTER.h, asset.poster)]
    size, y = layout.scaled(viewer.mode, 28), POSTER.y + POSTER.h
    if _begun(asset):
        parts.extend(_track(Bar(POSTER.x, y + 18, POSTER.w, 12, min(asset.seen, 1.0))))
        parts.append(layout.label(POSTER.x, y + 38, POSTER.w, size + 20, left(asset), size, role="accent"))
    elif finished(asset):
        parts.append(layout.label(POSTER.x, y + 16, POSTER.w, size + 20, "已看完", size, role="done"))
    return tuple(parts)


def _track(bar: Bar) -> tuple[Part, ...]:
    """A bar with an edge, so that what is still to come shows on a panel."""
    return (Panel(bar.x - 3, bar.y - 3, bar.w + 6, bar.h + 6, "card"), bar)


def _words(viewer: Viewer, asset: AssetFact) -> tuple[Part, ...]:
    """Title, length and date, synopsis: as many lines as the panel holds."""
    x, y, w, end = 608, 124, 576, 550
    big, small, body = (layout.scaled(viewer.mode, size) for size in (40, 28, 30))
    parts: list[Part] = []
    for line in text.lines(asset.title, big, w, 2):
        parts.append(Text(x, y, w, big + 14, line, big, "primary", bold=True))
        y += big + 12
    parts.append(Rich(x, y, w, small + 14, _meta(viewer, asset, small, w), small, role="secondary"))
    y += small + 26
    step = round(body * 1.4)
    for line in text.lines(asset.synopsis, body, w, (end - y) // step):
        parts.append(Text(x, y, w, step, line, body))
        y += step
    return tuple(parts)


def _meta(viewer: Viewer, asset: AssetFact, size: int, room: int) -> tuple[Run, ...]:
    """Length, and since when it is there where the line has room for it."""
    length, since = minutes(asset.duration_s), f"{day(asset.added, viewer.now)}上架"
    fits = text.box(length, size) + text.box(since, size) + 28 <= room
    return (Run(length), Run(since, gap=28)) if fits else (Run(length),)


# --- the player -----------------------------------------------------------------------------------------------


def player_page(viewer: Viewer, asset: AssetFact, again: bool = False) -> Page:
    """The film over the whole screen, from where the household stopped or from its start (`again`).

    The control strip lies in the detail of the one focusable, so that the script can take it away while the film runs.
    """
    at = 0.0 if again else asset.resume_s
    back, subtitles = _page_id(viewer, asset), asset.subtitled and viewer.subtitles
    screen = Focusable(
        "play", Rect(64, 36, 1152, 500), Local("play"), asset.title, look="bare", detail=_strip(viewer, asset, at)
    )
    return Page(
        id=play_id(viewer, asset, again),
        parent=back,
        title=asset.title,
        mode=viewer.mode,
        focusables=(screen,),
        default_focus="play",
        nav={"play": Nav()},
        keys=_player_keys(back, subtitles=subtitles),
        layers=(over_video.film_failed(viewer.mode, back), *_next(viewer, asset, back)),
        hints=(
            Hint(("OK",), "暂停/播放"),
            Hint(("LEFT", "RIGHT"), f"{STEP_S} 秒" if subtitles else f"退/进 {STEP_S} 秒"),
            Hint(("UP", "DOWN"), "1 分钟" if subtitles else "进/退 1 分钟"),
            Hint(("DIGITS",), "到几分钟"),
            *((Hint(("YELLOW",), "字幕"),) if subtitles else ()),
            Hint(("BACK",), "不看了"),
        ),
        video=Video(
            layout.SCREEN,
            url=asset.playlist,
            poster=asset.poster,
            resume_s=at,
            live=False,
            asset=asset.id,
            sheets=asset.sheets,
            subtitles=subtitles and not viewer.silent,
        ),
        accepts_invitation=True,
    )


def _next(viewer: Viewer, asset: AssetFact, back: str) -> tuple[Layer, ...]:
    """The layer with the next episode, where there is one."""
    if asset.following is None:
        return ()
    return (over_video.next_episode(viewer.mode, back, asset.following, play_id(viewer, asset.following)),)


def _player_keys(back: str, *, subtitles: bool) -> dict[str, Target]:
    """The digits are the minute to go to, as the strip counts them."""
    pause = Local("play")
    on, less, leap, leap_back = (Local(f"seek:{s}") for s in (STEP_S, -STEP_S, LEAP_S, -LEAP_S))
    keys: dict[str, Target] = {f"D{digit}": Local(f"jump:{digit}") for digit in range(10)}
    return (
        keys
        | ({"YELLOW": Local("subtitles")} if subtitles else {})
        | {
            "LEFT": less,
            "RIGHT": on,
            "UP": leap,
            "DOWN": leap_back,
            "FF": leap,
            "REW": leap_back,
            "PLAY": pause,
            "PAUSE": pause,
            "PLAY_PAUSE": pause,
            "STOP": Open(back, "play"),
        }
    )


def _strip(viewer: Viewer, asset: AssetFact, at: float) -> tuple[Part, ...]:
    """正在播放, the title, how far and how long, and the bar; the script keeps the named parts up to date."""
    size, small = layout.scaled(viewer.mode, 32), layout.scaled(viewer.mode, 28)
    state, times = text.box("正在播放", size), text.box("199:59/199:59", size) + 24
    x, y, h = BAR.x + state + 16, BAR.y - size - 24, size + 16
    end = BAR.x + BAR.w - times
    part = min(max(at / asset.duration_s, 0.0), 1.0) if asset.duration_s > 0 else 0.0
    runs = (
        Run(mm_ss(at), bold=True, name="v_at"),
        Run("/", "secondary", gap=10),
        Run(mm_ss(asset.duration_s), name="v_len", gap=10),
    )
    return (
        Text(BAR.x, y - 12 - CELL_H - 12, CELL_W, CELL_H, "", size, name="v_cell"),
        Panel(40, y - 12, 1200, 692 - y + 12),
        Text(BAR.x, y, state, h, "正在播放", size, "primary", "accent", bold=True, name="v_state"),
        layout.label(x, y, end - x - 16, h, asset.title, small),
        Rich(end, y, times, h, runs, size, "primary", align="right"),
        *_track(Bar(BAR.x, BAR.y, BAR.w, BAR.h, part, "v_bar")),
    )
