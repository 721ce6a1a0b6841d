"""A finished file out of the house: into a drop folder, or to a web address by PUT."""

import base64
import contextlib
import http.client
import io
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

from middleware.whole import write_whole

SILENT_S: Final = 15.0
"""A server that takes and says nothing for so long has failed."""
WHOLE_S: Final = 300.0
"""What takes longer to go is broken off."""
OLD_S: Final = 3600.0
"""A part of a file that has lain so long is written by nobody any more."""
_READABLE: Final = 0o644
"""Who reads a drop folder is seldom the user that this server runs as."""
_REASONS: Final = {
    401: "it does not take the user and password",
    403: "this is not allowed there",
    404: "there is no such address",
    405: "it takes no PUT there",
    413: "the file is too large for it",
    507: "it has no room left",
}


class NotPut(Exception):
    """The file did not go where it should; the text says why, for operators, and holds no secret."""


def dropped(target: Path, content: bytes, before: float) -> None:
    """Write a file that is there whole or not at all; parts last written before an instant go. Raises NotPut."""
    if not target.parent.is_dir():
        raise NotPut(f"there is no folder {target.parent}")
    try:
        _forget_parts(target.parent, before)
        write_whole(target, content, mode=_READABLE)
    except OSError as fault:
        raise NotPut(f"{target.parent}: {fault.strerror or type(fault).__name__}") from fault


def _forget_parts(folder: Path, before: float) -> None:
    """Remove what a power cut or a killed server left."""
    for left in folder.glob(".part-*"):
        with contextlib.suppress(OSError):  # another server may remove it as well
            if left.stat().st_mtime < before:
                left.unlink()


class _InTime(io.BytesIO):
    """A body that is broken off when it takes too long to go."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._end = time.monotonic() + WHOLE_S

    def read(self, size: int | None = -1, /) -> bytes:
        """The next piece. Raises NotPut."""
        if time.monotonic() > self._end:
            raise NotPut(f"the server takes longer than {WHOLE_S:.0f} s")
        return super().read(size)


def sent(address: str, content: bytes, content_type: str, user: str = "", password: str = "") -> None:
    """PUT a body to an address, as `user` if there is one. Blocks; follows no redirection. Raises NotPut."""
    headers = {"User-Agent": "nanhu-tv", "Content-Type": content_type, "Content-Length": str(len(content))}
    if user:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    if not address.startswith(("http://", "https://")):
        raise NotPut("the address is neither http nor https")
    request = urllib.request.Request(address, _InTime(content), headers, method="PUT")  # noqa: S310 (looked at above)
    try:
        with urllib.request.urlopen(request, timeout=SILENT_S):  # noqa: S310
            return
    except urllib.error.HTTPError as fault:
        fault.close()
        why = _REASONS.get(fault.code, "the address leads elsewhere" if 300 <= fault.code < 400 else "")
        raise NotPut(f"the server refuses it: HTTP {fault.code}" + (f", {why}" if why else "")) from fault
    except urllib.error.URLError as fault:
        raise NotPut(f"the server does not answer: {fault.reason or 'no reason given'}") from fault
    except (OSError, http.client.HTTPException, ValueError) as fault:
        raise NotPut(f"the server does not answer: {type(fault).__name__}") from fault
