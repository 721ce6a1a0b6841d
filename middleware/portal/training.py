"""The training page of the demonstration: a television and a drawn remote that sends any family's codes."""

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

from attrs import frozen
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from keymap.families import Families, codes_of
from keymap.keys import TOKENS, Key
from keymap.model import Family
from middleware.web.routes import ReadyResponse, Routes
from middleware.web.values import HTML

_FILES: Final = {"remote.css": "text/css; charset=utf-8", "remote.js": "text/javascript; charset=utf-8"}
FIRST: Final = ("pc", "ipanel", "ctc", "inspur", "mag")
"""Families that stand first in the list: those of the boxes the town has."""


@frozen
class TrainingBox:
    """A box that the training page offers: its MAC and what the viewer reads of it, such as 南湖村 王建国家."""

    mac: str
    label: str


def add_training(routes: Routes, families: Families, boxes: Sequence[TrainingBox]) -> None:
    """Register the page at `/` with its two files."""
    version = _version()
    for name, content_type in _FILES.items():
        body = _source(name)
        ready = ReadyResponse.of(body, content_type, "public, max-age=31536000, immutable")
        routes.ready(f"/static/{name}?{version}".encode(), ready)
    routes.ready(b"/", ReadyResponse.of(page(families, boxes, version), HTML, "no-cache"))


def page(families: Families, boxes: Sequence[TrainingBox], version: str) -> bytes:
    """The page as bytes."""
    shown = sorted((one for one in families.values() if one.kind == "page"), key=_place)
    keys = {one.name: {"modifiers": one.modifiers, "keys": _keys(one)} for one in shown}
    return _template().render(boxes=boxes, families=shown, keys=_script(keys), version=version).encode()


@cache
def _template() -> Template:
    env = Environment(loader=PackageLoader("middleware.portal"), autoescape=True, undefined=StrictUndefined)
    return env.get_template("remote.html")


def _place(family: Family) -> tuple[int, str]:
    return (FIRST.index(family.name) if family.name in FIRST else len(FIRST), family.name)


def _keys(family: Family) -> dict[str, int]:
    """The first code of each key that a page may use."""
    codes = {key: next((code for code in codes_of(family, key) if isinstance(code, int)), None) for key in Key}
    return {key.value: code for key, code in codes.items() if code is not None and key in TOKENS}


def _script(value: Any) -> Markup:
    """JSON that may stand inside a script element."""
    return Markup(json.dumps(value, ensure_ascii=True).replace("<", "\\u003c"))  # noqa: S704 -- escaped here


@cache
def _version() -> str:
    return hashlib.sha256(b"".join(map(_source, _FILES))).hexdigest()[:10]


def _source(name: str) -> bytes:
    return (files("middleware.portal") / "static" / name).read_bytes()
