"""The static files of the pages under names that change with their content, so a box may keep them for ever.

One style sheet, one script (key handler and push ladder joined) and, for pages with a picture in motion, the script of
the one player that the box has. `files()` gives everything that is served below /static/.
"""

import hashlib
from functools import cache
from importlib.resources import files as resources
from typing import Final

PREFIX: Final = "/static/"
_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "jpg": "image/jpeg",
    "png": "image/png",
    "wav": "audio/wav",
}
_HLS: Final = "hls.min.js"
"""hls.js for browsers that have <video> but no HLS; its licence lies beside it."""
PLAYERS: Final = ("html5", "mag", "ctc", "ipanel")
"""What boxes play with: <video>, gSTB, MediaPlayer, media.AV."""
_SCRIPT: Final = ("keys.js", "push.js")
"""The order matters: push.js uses the handler's functions."""


def source(name: str) -> bytes:
    """One file of the package's static folder as it stands in the source."""
    return (resources("portal_pages") / "static" / name).read_bytes()


def _hashed(name: str, body: bytes) -> str:
    stem, _, kind = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(body).hexdigest()[:10]}.{kind}"


@cache
def _built() -> dict[str, bytes]:
    """Plain name to body: pictures and scripts as they are, the style sheet with its picture's served name."""
    out = {
        name: source(name)
        for name in ("bg.jpg", "lake.jpg", "cross.png", "teach.js", "done.js", "search.js", "tone.wav")
    }
    out["tv.js"] = b"".join(source(name) for name in _SCRIPT)
    out |= {_media(player): source(f"{player}.js") + source("film.js") for player in PLAYERS}
    out["tv.css"] = _small(source("tv.css"))
    for picture in ("bg.jpg", "cross.png"):
        out["tv.css"] = out["tv.css"].replace(picture.encode(), _hashed(picture, out[picture]).encode())
    out["done.js"] = out["done.js"].replace(b"tone.wav", _hashed("tone.wav", out["tone.wav"]).encode())
    return out


def _small(css: bytes) -> bytes:
    """The style sheet without what only its editors need."""
    return css.replace(b"\n", b"")


def _media(player: str) -> str:
    return f"media-{player}.js"


def media(player: str) -> str:
    """The address of the script for pictures in motion on one of PLAYERS."""
    return url(_media(player))


@cache
def url(name: str) -> str:
    """The address of a static file by its plain name, such as `tv.css`."""
    return PREFIX + _hashed(name, _built()[name])


@cache
def _vendor() -> dict[str, bytes]:
    """Scripts of others by plain name; none where the set-up has not fetched them."""
    folder = resources("portal_pages") / "static" / "vendor"
    scripts = [each for each in folder.iterdir() if each.name.endswith(".js")] if folder.is_dir() else []
    return {each.name: each.read_bytes() for each in scripts}


@cache
def hls() -> str:
    """The address of hls.js, another one for another version of it."""
    body = _vendor().get(_HLS)
    return f"{PREFIX}vendor/{_hashed(_HLS, body) if body else _HLS}"


@cache
def files() -> dict[str, tuple[bytes, str]]:
    """Address to (body, content type) of every static file of the pages; all of them never change."""
    out = {url(name): (body, _TYPES[name.rpartition(".")[2]]) for name, body in _built().items()}
    return out | {f"{PREFIX}vendor/{_hashed(name, body)}": (body, _TYPES["js"]) for name, body in _vendor().items()}
