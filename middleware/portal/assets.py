"""What is no page: lists of films from memory, their segments, keys and pictures, and the files of our own pages."""

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

import attrs
from attrs import frozen

from middleware.domain.errors import NotFound, StorageError
from middleware.portal.listing import ANYWHERE, MASTER_AGE, VOD_AGE, Listing, problem
from middleware.portal.ports import Storage
from middleware.services import assets
from middleware.services.assets import Gone
from middleware.services.ports import UnitOfWork
from middleware.web.routes import ReadyResponse, Routes
from middleware.web.values import File, Request, Response, Result
from portal_pages import statics
from vod import playlists
from vod.catalogue import NO_WORDS, PUBLIC, Edition
from vod.library import Library
from vod.playlists import FULL, PLAIN, Profile

FOREVER: Final = "public, max-age=31536000, immutable"
PROFILES: Final[Mapping[str, Profile]] = {
    "plain": PLAIN,
    "subs": attrs.evolve(PLAIN, subtitles=True),
    "full": FULL,
    "fmp4": attrs.evolve(FULL, container="fmp4"),
}
"""What lists tell, by the name of their folder; that of `plain` is left out of addresses."""
NOT_FOUND: Final = problem(404, "not_found")
BUSY: Final = problem(503, "busy", retry_s=2)
OTHER_CLASS: Final = problem(403, "other_class")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")
_LIST: Final = re.compile(r"(master|iframes|sub|sound|f?)-?([0-9A-Za-z-]{0,40})\.m3u8", re.ASCII)
_TRACK: Final = r"[0-9A-Za-z][0-9A-Za-z-]{0,39}"
_FILES: Final = re.compile(
    rf"(?:[1-9][0-9]{{2,3}}|sound-{_TRACK})/[0-9]{{5}}(\.ts)|f[1-9][0-9]{{2,3}}/[0-9]{{5}}(\.m4s)"
    rf"|f[1-9][0-9]{{2,3}}/init(\.mp4)|sub-{_TRACK}/[0-9]{{5}}(\.vtt)|thumbs(\.vtt)"
    r"|(?:sprites/[0-9]{1,4}|(?:poster|shelf)(?:-[1-9])?)(\.jpg)",
    re.ASCII,
)
_PICTURE: Final = re.compile(r"(?:poster|shelf)(?:-[1-9])?\.jpg")
TYPES: Final = {
    ".ts": "video/mp2t",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".vtt": "text/vtt",
    ".jpg": "image/jpeg",
}
"""Never asked of the system: Debian's table takes `.ts` for translations of Qt programs."""
_KEPT: Final = 400
"""Lists in memory: 24 KB for an hour of film, 144 KB for the longest that is taken; 58 MB at most."""

KEPT_S: Final = 30
"""A list made by another process's withdrawal is noticed within this."""


@frozen
class _Kept:
    listing: Listing
    until: float


class Films:
    """What lies below `v/`, `s/` and `k/`. Paths are read by their parts, so that no request names a file."""

    def __init__(self, storage: Storage, library: Library, seconds: Callable[[], float]) -> None:
        self._storage = storage
        self._library = library
        self._seconds = seconds
        self._lists: OrderedDict[tuple[str, str], _Kept] = OrderedDict()

    def stale(self) -> None:
        """Films have changed: every list is made anew."""
        self._lists.clear()

    def picture(self, request: Request) -> Result:
        """`<asset>-<rev>/poster.jpg` or `shelf.jpg` of what everybody may fetch; needs no signature."""
        return self.file(request.rest, PUBLIC) if _PICTURE.fullmatch(request.rest.partition("/")[2]) else NOT_FOUND

    def list(self, rest: str, klass: str, headers: Mapping[str, str]) -> Response | Awaitable[Response]:
        """`<asset>-<rev>/[<profile>/]master.m3u8` and the lists beside it."""
        known = self._lists.get((rest, klass))
        if known is not None and known.until > self._seconds():
            return known.listing.answer(headers)
        key, _, name = rest.partition("/")
        edition = read_edition(key)
        profile, name = profile_of(name)
        if edition is None or profile is None or not _LIST.fullmatch(name):
            return NOT_FOUND
        return self._list(rest, klass, edition, name, profile, headers)

    def file(self, rest: str, klass: str) -> Result:
        """`<asset>-<rev>/…`: a segment, a picture, captions; those of a withdrawn film go on for who is watching it."""
        if rest == NO_WORDS:
            return self._file(self._library.no_words(klass), TYPES[".vtt"])
        key, _, name = rest.partition("/")
        edition, found = read_edition(key), _FILES.fullmatch(name)
        if edition is None or found is None:
            return NOT_FOUND
        return self._file(self._library.folder(*edition, klass) / name, TYPES[found[found.lastindex or 0]])

    def _file(self, path: Path, kind: str) -> File:
        return File(path, kind, immutable=True, headers=(ANYWHERE,), missing=NOT_FOUND)

    async def key(self, rest: str, klass: str) -> Response:
        """The 16 bytes that open the segments of one revision."""
        edition = read_edition(rest)
        if edition is None:
            return NOT_FOUND

        def read(uow: UnitOfWork) -> tuple[str, bytes | None]:
            asset = uow.assets.get(edition[0])
            return (asset.klass, uow.assets.key(*edition)) if asset else (klass, None)

        try:
            owned, key = await self._storage.run(read, "key of a film", write=False)
        except StorageError:
            return BUSY
        if owned != klass:
            return OTHER_CLASS
        headers = ("Cache-Control", "no-store"), ANYWHERE
        return Response(200, key, "application/octet-stream", headers) if key else NOT_FOUND

    async def _list(
        self,
        rest: str,
        klass: str,
        edition: tuple[int, int],
        name: str,
        profile: Profile,
        headers: Mapping[str, str],
    ) -> Response:
        def read(uow: UnitOfWork) -> tuple[str, bytes | None]:
            owned = assets.asset(uow, edition[0]).klass
            return owned, _text(_edition(uow, *edition), f"{edition[0]}-{edition[1]}", name, profile)

        try:
            owned, body = await self._storage.run(read, "list of a film", write=False)
        except Gone:
            return problem(410, "withdrawn")
        except NotFound:
            return NOT_FOUND
        except StorageError:
            return BUSY
        if owned != klass:
            return OTHER_CLASS
        if body is None:
            return NOT_FOUND
        listing = Listing.of(body, MASTER_AGE if name == "master.m3u8" else VOD_AGE)
        self._lists[rest, klass] = _Kept(listing, self._seconds() + KEPT_S)
        while len(self._lists) > _KEPT:
            self._lists.popitem(last=False)
        return listing.answer(headers)


def _edition(uow: UnitOfWork, asset: int, rev: int) -> Edition:
    found = uow.assets.edition(asset, rev)
    if found is None:
        raise NotFound("没有这部片子")
    return found


def _text(edition: Edition, key: str, name: str, profile: Profile) -> bytes | None:
    """The list of that name beside a film's master; None when the film has no such."""
    stem = name.removesuffix(".m3u8")
    kind, _, part = stem.partition("-")
    match kind:
        case "master":
            return playlists.master(edition, profile) if not part else None
        case "iframes":
            return playlists.iframes(edition, key, _rung(part), profile)
        case "sub":
            captions = next((one for one in edition.subtitles if one.key == part), None)
            return playlists.subtitles(captions, key, profile) if captions else None
        case "sound":
            sound = next((one for one in edition.sounds if one.key == part), None)
            return playlists.sound(sound, edition, key, profile) if sound else None
    return _media(edition, key, stem, profile)


def _media(edition: Edition, key: str, stem: str, profile: Profile) -> bytes | None:
    rung = _rung(stem.removeprefix("f"))
    fmp4 = stem.startswith("f")
    if edition.rendition(rung) is None or fmp4 != (profile.container == "fmp4") or (fmp4 and not edition.fmp4):
        return None
    return playlists.media(edition, key, rung, profile)


def _rung(told: str) -> int:
    return int(told) if re.fullmatch(r"[1-9][0-9]{2,3}", told, re.ASCII) else 0


def profile_of(name: str) -> tuple[Profile | None, str]:
    """The profile that a list's folder names, with as many steps upward, and the name of the list in it."""
    folder, slash, rest = name.partition("/")
    if not slash:
        return PLAIN, name
    found = PROFILES.get(folder) if folder != "plain" else None
    return (attrs.evolve(found, root=f"../{found.root}"), rest) if found else (None, name)


def told_to(url: str, profile: str) -> str:
    """The address of a list as boxes of that profile are given it."""
    folder, _, name = url.rpartition("/")
    ours = url.startswith(("/v/", "/ch/")) and name == "master.m3u8" and profile not in {"", "plain"}
    return f"{folder}/{profile}/{name}" if ours else url


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
