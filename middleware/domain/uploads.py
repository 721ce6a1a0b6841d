"""A film that a program sends in parts: what it is to become, and how it is cut. Pure."""

import re
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from middleware.domain.errors import BadValue

PART_MOST: Final = 8 << 20
PART_LEAST: Final = 64 << 10
PARTS_MOST: Final = 50_000
OPEN_MOST: Final = 100
"""Unfinished uploads of all programs at once."""
MINE_MOST: Final = 20
"""Those of one program."""
KEPT: Final = timedelta(days=1)
"""An upload that nothing is done to goes after so long, and what was sent of a film whose job has ended as long ago."""
_SHA256: Final = re.compile(r"([0-9a-f]{64})?")


@frozen
class Upload:
    """What a program has begun to send: `size` bytes in parts of `part_size`, the last one shorter.

    `id` is ours, `owner` who began it. `sha256` of the whole in hex, or "". `subtitles` are the languages that came
    with it, in the order of their files, `poster` whether a picture did. `job` is what packages it, 0 until finished.
    """

    id: str
    owner: str
    column: str
    title: str
    size: int
    begun_at: datetime
    part_size: int = PART_MOST
    sha256: str = ""
    short_title: str = ""
    synopsis: str = ""
    priority: int = 5
    subtitles: tuple[str, ...] = ()
    job: int = 0
    poster: bool = False

    @property
    def parts(self) -> int:
        """How many parts there are; they are numbered from 0."""
        return -(-self.size // self.part_size)

    def length(self, number: int) -> int:
        """Bytes of one part. Raises BadValue(no_part)."""
        if not 0 <= number < self.parts:
            raise BadValue("no_part", "没有这一段")
        return min(self.part_size, self.size - number * self.part_size)


def check_upload(upload: Upload, most_bytes: int) -> None:
    """Raise BadValue (upload_size, part_size, sha256) for what cannot be sent so."""
    if not 1 <= upload.size <= most_bytes:
        raise BadValue("upload_size", "视频文件是空的，或者太大")
    if not PART_LEAST <= upload.part_size <= PART_MOST or upload.parts > PARTS_MOST:
        raise BadValue("part_size", "每段的大小不合适")
    if not _SHA256.fullmatch(upload.sha256):
        raise BadValue("sha256", "SHA-256 要写成 64 位十六进制数")
