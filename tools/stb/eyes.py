"""ffprobe as eyes: what plays at an address, and whether its frames can be decoded."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

from tools.stb.values import Refused

FRAMES = "%+#50"
"""Packets read of each stream: a second or two, enough to see that a picture and a sound come out."""


def look(url: str, seconds: float = 20) -> list[str]:
    """A line per stream. Raises Refused when nothing plays, or when what comes cannot be decoded."""
    program = shutil.which("ffprobe")
    if program is None:
        raise Refused("ffprobe is missing: install ffmpeg (sudo apt-get install ffmpeg)")
    command = [
        program, "-v", "error", "-of", "json", "-read_intervals", FRAMES, "-count_frames", "-show_entries",
        "stream=index,codec_type,codec_name,width,height,sample_rate,nb_read_frames:format=format_name,duration", url,
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise Refused(f"nothing plays within {seconds:g} s at {shown(url)}") from None
    found = json.loads(done.stdout or "{}")
    if done.returncode or not found.get("streams"):
        raise Refused(f"nothing plays at {shown(url)}: {_last(done.stderr)}")
    return list(_lines(found, done.stderr))


def shown(url: str) -> str:
    """An address without what its signature protects, for a screen that somebody may photograph."""
    return re.sub(r"/l/[^/\s]+/", "/l/…/", url)


def _lines(found: dict[str, Any], faults: str) -> Iterator[str]:
    about = found.get("format", {})
    length = float(about.get("duration") or 0)
    yield f"{about.get('format_name', 'unknown')}, {f'{length:.1f} s' if length else 'live'}"
    dark = []
    for one in found["streams"]:
        kind, frames = one.get("codec_type"), int(one.get("nb_read_frames") or 0)
        if kind not in {"video", "audio"}:
            continue
        size = f"{one.get('width')}x{one.get('height')}" if kind == "video" else f"{one.get('sample_rate')} Hz"
        yield f"{kind} {one.get('codec_name')} {size}, {frames} frames decoded"
        dark += [kind] if not frames else []
    if dark:
        raise Refused(f"no frame of its {' and '.join(dark)} can be decoded: {_last(faults)}")


def _last(faults: str) -> str:
    lines = faults.strip().splitlines()
    return shown(lines[-1].strip()) if lines else "no reason given"
