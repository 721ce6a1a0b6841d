"""Words of the box's own interface in Chinese and English (§4 get_localization): our own wording, read once."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from middleware.portal.ministra.wire import Ready, dump


@cache
def words() -> Mapping[str, tuple[str, str]]:
    """Every key with its Chinese and English words."""
    text = (files("middleware.portal.ministra") / "localization.toml").read_text(encoding="utf-8")
    return {key: (zh, en) for key, (zh, en) in tomllib.loads(text).items()}


@cache
def localization(lang: str) -> Ready:
    """get_localization for `zh` or `en`: a flat object, ready in gzip."""
    place = 1 if lang == "en" else 0
    return Ready.of(dump({key: both[place] for key, both in words().items()}), 9)
