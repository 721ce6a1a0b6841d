"""The configuration of an nginx that stands in front: segments by sendfile, lists kept a second, signatures checked.

Signed addresses as video.md §10 has them: `/<prefix>/<exp>/<sig>/<class>/…`, checked by secure_link.
"""

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

from attrs import frozen

_KEY: Final = re.compile(r"[0-9a-f]{32,128}")
_PREFIX: Final = re.compile(r"[a-z]")
_ADDRESS: Final = re.compile(r"(?:[\w.-]+|\[[0-9a-f:]+\]):[0-9]{1,5}", re.ASCII)
_LOCATION: Final = r"""
    location ~ "^/@PREFIX@/(?<exp>[0-9]+)/(?<sig>[\w-]+)/(?<class>[a-z0-9]+)/(?<rest>(?:[svk]|ch)/[\w.:~@/-]+)$" {
      secure_link $sig,$exp; secure_link_md5 "$exp/$class @KEY@";
      error_page 403 = @forged; error_page 410 = @expired;
      if ($secure_link = "") { return 403; }
      if ($secure_link = "0") { return 410; }
      set $signed /@PREFIX@/$exp/$sig/$class/$rest$is_args$args;
      rewrite ^ /_m/$class/$rest last;
    }
"""
"""The server behind is asked for the path as nginx has read it, under which the answer is kept: for the path as it was
written, such as `ch//x` or `ch/a/../x`, it would give a 404 that all who ask for `ch/x` then get."""
_REFUSE: Final = """types { } default_type application/json; add_header Cache-Control max-age=2 always;
      add_header Access-Control-Allow-Origin * always; return @STATUS@ '{"error":"@CODE@"}';"""
_HEADERS: Final = """proxy_set_header Host $http_host; proxy_set_header Connection "";
    proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;"""
"""A location with one header of its own inherits none."""
_CODES: Final = {403: "bad_signature", 404: "not_found", 410: "expired"}


class BadFront(ValueError):
    """Something that nginx would read otherwise than it is meant; the text says what."""


@frozen
class Front:
    """Where nginx listens, the server behind it, the folder of media (absolute), and the keys by address prefix.

    `user` is who may read the folder, where nginx is started by root; empty leaves nginx its own.
    """

    listen: str
    upstream: str
    media: Path
    keys: Mapping[str, str]
    user: str = ""


def front_config(front: Front) -> str:
    """The whole nginx.conf. Raises BadFront for an address, folder or key that could not be written into it."""
    for address in (front.listen, front.upstream):
        if not _ADDRESS.fullmatch(address):
            raise BadFront(f"{address} is no address such as 0.0.0.0:80")
    media = str(front.media)
    if not media.startswith("/") or re.search(r'["$\\{};\x00-\x1f]', media):
        raise BadFront(f"nginx cannot be told of the folder {media}")
    if not front.keys or not all(_PREFIX.fullmatch(name) and _KEY.fullmatch(key) for name, key in front.keys.items()):
        raise BadFront("the keys of addresses are not what they should be")
    if front.user and not re.fullmatch(r"[a-z_][a-z0-9_-]{0,31}", front.user):
        raise BadFront(f"{front.user} is no name of a user")
    user = f"user {front.user};" if front.user else ""
    signed = "".join(_filled(_LOCATION, PREFIX=name, KEY=key) for name, key in sorted(front.keys.items()))
    refusals = {f"REFUSE{status}": _filled(_REFUSE, STATUS=str(status), CODE=code) for status, code in _CODES.items()}
    template = (files("middleware.web") / "front.conf").read_text("utf-8")
    facts = {"LISTEN": front.listen, "UPSTREAM": front.upstream, "MEDIA": media, "USER": user, "HEADERS": _HEADERS}
    return _filled(template, SIGNED=signed, **facts, **refusals)


def _filled(template: str, **values: str) -> str:
    for name, value in values.items():
        template = template.replace(f"@{name}@", value)
    return template
