"""What is no page: playlists from memory, segments and posters from the library, and the files of our own pages."""

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from attrs import frozen

from middleware.domain.errors import NotFound, StorageError
from middleware.portal.ports import Storage
from middleware.services import assets
from middleware.services.assets import Gone
from middleware.services.ports import UnitOfWork
from middleware.web.routes import ReadyResponse, Routes
from middleware.web.values import File, HeaderPairs, Request, Response, Result, not_found, text
from portal_pages import statics
from vod.library import Library

FOREVER: Final = "public, max-age=31536000, immutable"
PLAYLIST: Final = "application/vnd.apple.mpegurl"
SEGMENT: Final = "video/mp2t"
_HEADERS: Final[HeaderPairs] = (("Cache-Control", "no-cache"),)
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")
_RUNG: Final = re.compile(r"[1-9][0-9]{2,3}")
_SEGMENT: Final = re.compile(r"[0-9]{5}\.ts")
_KEPT: Final = 400
"""Playlists in memory: 24 KB for an hour of film, 144 KB for the longest that is taken; 58 MB at most."""

KEPT_S: Final = 30
"""A playlist made by another process's withdrawal is noticed within this."""


@frozen
class _Playlist:
    response: Response
    until: float


class Films:
    """GET below /v/ and /s/. Paths are parsed into whole numbers, so that no request names a file."""

    def __init__(self, storage: Storage, library: Library, seconds: Callable[[], float]) -> None:
        self._storage = storage
        self._library = library
        self._seconds = seconds
        self._playlists: OrderedDict[str, _Playlist] = OrderedDict()

    def stale(self) -> None:
        """Films have changed: every playlist is made anew."""
        self._playlists.clear()

    def film(self, request: Request) -> Result | Awaitable[Result]:
        """`<asset>-<rev>/master.m3u8`, `<rung>.m3u8`, `poster.jpg`, `shelf.jpg`."""
        known = self._playlists.get(request.rest)
        if known is not None and known.until > self._seconds():
            return known.response
        key, _, name = request.rest.partition("/")
        edition = read_edition(key)
        if edition is None:
            return not_found()
        if name in {"poster.jpg", "shelf.jpg"}:
            path = self._library.poster_path(*edition) if name == "poster.jpg" else self._library.shelf_path(*edition)
            return File(path, "image/jpeg", immutable=True)
        stem, _, kind = name.partition(".")
        if kind != "m3u8" or not (stem == "master" or _RUNG.fullmatch(stem)):
            return not_found()
        return self._playlist(request.rest, edition, stem)

    def segment(self, request: Request) -> Result:
        """`<asset>-<rev>/<rung>/<nnnnn>.ts`; those of a withdrawn film go on for who is watching it."""
        key, _, rest = request.rest.partition("/")
        rung, _, name = rest.partition("/")
        edition = read_edition(key)
        if edition is None or not _RUNG.fullmatch(rung) or not _SEGMENT.fullmatch(name):
            return not_found()
        return File(self._library.segment_path(*edition, int(rung), int(name[:5])), SEGMENT, immutable=True)

    async def _playlist(self, rest: str, edition: tuple[int, int], stem: str) -> Response:
        def read(uow: UnitOfWork) -> bytes:
            if stem == "master":
                return assets.master_playlist(uow, *edition)
            return assets.media_playlist(uow, *edition, int(stem))

        try:
            body = await self._storage.run(read, "playlist", write=False)
        except Gone:
            return text("withdrawn\n", 410)
        except NotFound:
            return not_found()
        except StorageError:
            return Response(503, b"", headers=(("Retry-After", "2"),))
        response = Response(200, body, PLAYLIST, _HEADERS)
        self._playlists[rest] = _Playlist(response, self._seconds() + KEPT_S)
        while len(self._playlists) > _KEPT:
            self._playlists.popitem(last=False)
        return response


def read_edition(key: str) -> tuple[int, int] | None:
    """Asset and revision of a key such as `5-1`."""
    asset, _, rev = key.partition("-")
    if not (_NUMBER.fullmatch(asset) and _NUMBER.fullmatch(rev)):
        return None
    return int(asset), int(rev)


def add_statics(routes: Routes, pictures: Mapping[str, bytes]) -> None:
    """Register the files of the pages, which carry their version in their names, and the demonstration's pictures."""
    for address, (body, content_type) in statics.files().items():
        lasting = "no-cache" if "/vendor/" in address else FOREVER
        packs = not content_type.startswith("image/")
        routes.ready(address.encode(), ReadyResponse.of(body, content_type, lasting, gzip=packs))
    for name, body in pictures.items():
        ready = ReadyResponse.of(body, "image/jpeg", "public, max-age=86400", gzip=False)
        routes.ready(f"/demo/pictures/{name}".encode(), ready)
