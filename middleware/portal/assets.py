"""What is no page: lists of films from memory, their segments, keys and pictures, and the files of our own pages."""

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Final

import attrs
from attrs import field, frozen

from middleware.domain.errors import NotFound, StorageError
from middleware.portal.listing import ANYWHERE, MASTER_AGE, VOD_AGE, Kept, Listing, problem
from middleware.portal.ports import Storage
from middleware.portal.shared import Shared
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
"""Lists and keys in memory."""
KEPT_S: Final = 30
"""A list made by another process's withdrawal is noticed within this."""


@frozen
class _Kept:
    listing: Listing
    until: float


@frozen
class _Key:
    """The class of a film and the 16 bytes that open it; both empty for what is not there."""

    klass: str
    key: bytes = field(repr=False)
    until: float


@frozen
class _Wanted:
    """A list below `v/`: its address, whose signature was shown, and what the address says."""

    rest: str
    klass: str
    edition: tuple[int, int]
    name: str
    profile: Profile


class Films:
    """What lies below `v/`, `s/` and `k/`. Paths are read by their parts, so that no request names a file.

    Lists and keys are read once for all who ask meanwhile, and go on from memory when the store cannot be reached.
    """

    def __init__(self, storage: Storage, library: Library, seconds: Callable[[], float]) -> None:
        self._storage = storage
        self._library = library
        self._seconds = seconds
        self._lists: Kept[_Kept] = Kept(_KEPT)
        self._keys: OrderedDict[tuple[int, int], _Key] = OrderedDict()
        self._making: Shared[Listing | Response] = Shared()
        self._opening: Shared[_Key] = Shared()
        self._version = 0

    def stale(self) -> None:
        """Films have changed: every list is made anew, and what is being read now is not kept."""
        self._version += 1
        self._lists.clear()
        self._keys.clear()

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
        return self._answer(_Wanted(rest, klass, edition, name, profile), headers)

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
        known = self._keys.get(edition)
        if known is None or known.until <= self._seconds():
            try:
                known = await self._opening.get((edition, self._version), partial(self._open, edition, self._version))
            except StorageError:
                if known is None:
                    return BUSY
        if known.klass != klass:
            return OTHER_CLASS if known.klass else NOT_FOUND
        headers = ("Cache-Control", "no-store"), ANYWHERE
        return Response(200, known.key, "application/octet-stream", headers) if known.key else NOT_FOUND

    async def _open(self, edition: tuple[int, int], version: int) -> _Key:
        def read(uow: UnitOfWork) -> tuple[str, bytes]:
            asset = uow.assets.get(edition[0])
            return (asset.klass, uow.assets.key(*edition) or b"") if asset else ("", b"")

        owned, key = await self._storage.run(read, "key of a film", write=False)
        made = _Key(owned, key, self._seconds() + KEPT_S)
        if key and version == self._version:
            self._keys[edition] = made
            self._keys.move_to_end(edition)
            while len(self._keys) > _KEPT:
                self._keys.popitem(last=False)
        return made

    async def _answer(self, wanted: _Wanted, headers: Mapping[str, str]) -> Response:
        place = wanted.rest, wanted.klass, self._version
        found = await self._making.get(place, partial(self._make, wanted, self._version))
        return found.answer(headers) if isinstance(found, Listing) else found

    async def _make(self, wanted: _Wanted, version: int) -> Listing | Response:
        place = wanted.rest, wanted.klass
        try:
            owned, body = await self._storage.run(partial(_read, wanted), "list of a film", write=False)
        except Gone:
            return problem(410, "withdrawn")
        except NotFound:
            return NOT_FOUND
        except StorageError:
            known = self._lists.get(place)
            return known.listing if known else BUSY
        if owned != wanted.klass:
            return OTHER_CLASS
        if body is None:
            return NOT_FOUND
        listing = Listing.of(body, MASTER_AGE if wanted.name == "master.m3u8" else VOD_AGE)
        if version == self._version:
            self._lists.put(place, _Kept(listing, self._seconds() + KEPT_S))
        return listing


def _read(wanted: _Wanted, uow: UnitOfWork) -> tuple[str, bytes | None]:
    """The class of a film and the text of one of its lists."""
    asset, rev = wanted.edition
    owned = assets.asset(uow, asset).klass
    return owned, _text(_edition(uow, asset, rev), f"{asset}-{rev}", wanted.name, wanted.profile)


def _edition(uow: UnitOfWork, asset: int, rev: int) -> Edition:
    found = uow.assets.edition(asset, rev)
    if found is None:
        raise NotFound("没有这部片子")
    return found


def _text(edition: Edition, key: str, name: str, profile: Profile) -> bytes | None:
    """The list of that name beside a film's master; None when the film has no such."""
    stem, profile = name.removesuffix(".m3u8"), playlists.of_what_is_there(profile, edition)
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
    if edition.rendition(rung) is None or stem.startswith("f") != (profile.container == "fmp4"):
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
    """The address of a list, or the link to one, as boxes of that profile are given it."""
    path, mark, query = url.partition("?")
    folder, _, name = path.rpartition("/")
    ours = path.startswith(("/v/", "/ch/", "/l/")) and name in {"master.m3u8", "index.m3u8"}
    return f"{folder}/{profile}/{name}{mark}{query}" if ours and profile not in {"", "plain"} else url


def read_edition(key: str) -> tuple[int, int] | None:
    """Asset and revision of a key such as `5-1`."""
    asset, _, rev = key.partition("-")
    if not (_NUMBER.fullmatch(asset) and _NUMBER.fullmatch(rev)):
        return None
    return int(asset), int(rev)


def add_statics(routes: Routes, pictures: Mapping[str, bytes]) -> None:
    """Register the files of the pages, which carry their version in their names, and the demonstration's pictures."""
    for address, ready in _statics().items():
        routes.ready(address.encode(), ready)
    for name, body in pictures.items():
        ready = ReadyResponse.of(body, "image/jpeg", "public, max-age=86400", gzip=False)
        routes.ready(f"/demo/pictures/{name}".encode(), ready)


@cache
def _statics() -> Mapping[str, ReadyResponse]:
    """The files of the pages by address, tagged and compressed once for all servers of a process."""
    out = {}
    for address, (body, content_type) in statics.files().items():
        lasting = "no-cache" if "/vendor/" in address else FOREVER
        out[address] = ReadyResponse.of(body, content_type, lasting, gzip=not content_type.startswith("image/"))
    return out
