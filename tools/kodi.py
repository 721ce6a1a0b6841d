"""What a real Kodi makes of the guide: its IPTV Simple client loads our list and XMLTV, and must show the JSON face's.

    python -m tools.kodi http://127.0.0.1:8080

Debian's `kodi`, `kodi-pvr-iptvsimple` and `xvfb` have to be installed; Kodi runs without a screen, in a home of its
own that is gone afterwards. Prints a line per channel; ends with 1 when one of them differs.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

ADDON: Final = "pvr.iptvsimple"
PORT: Final = 9090
"""Where Kodi takes JSON-RPC."""
DISPLAY: Final = ":97"
PATIENCE_S: Final = 90
_SETTINGS: Final = """<settings version="2">
<setting id="m3uPathType">1</setting><setting id="m3uUrl">{base}/epg/channels.m3u</setting>
<setting id="m3uCache">false</setting>
<setting id="epgPathType">1</setting><setting id="epgUrl">{base}/epg.xml.gz</setting>
<setting id="epgCache">false</setting>
</settings>
"""
Shown = tuple[int, int, str, str]
"""Start, stop (epoch seconds), title, synopsis."""


def ask(method: str, **parameters: Any) -> Any:
    """The result of a JSON-RPC call to Kodi. Raises OSError while it does not listen."""
    with socket.create_connection(("127.0.0.1", PORT), 5) as peer:
        peer.settimeout(10)
        peer.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode())
        return answered(peer)


def answered(peer: socket.socket) -> Any:
    """The answer out of what Kodi says, announcements passed over."""
    told, decoder = b"", json.JSONDecoder()
    while piece := peer.recv(65536):
        told += piece
        text, at = told.decode(errors="ignore"), 0
        while at < len(text):
            try:
                one, at = decoder.raw_decode(text, at)
            except ValueError:
                break
            if one.get("id") == 1:
                return one["result"]
    raise ConnectionError("Kodi hung up")


@contextmanager
def kodi(base: str) -> Iterator[None]:
    """A running Kodi whose IPTV Simple client has our addresses."""
    with tempfile.TemporaryDirectory() as home:
        settings = Path(home, ".kodi", "userdata", "addon_data", ADDON)
        settings.mkdir(parents=True)
        (settings / "settings.xml").write_text(_SETTINGS.format(base=base), encoding="utf-8")
        environment = {**os.environ, "HOME": home, "DISPLAY": DISPLAY, "LIBGL_ALWAYS_SOFTWARE": "1"}
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        screen = subprocess.Popen(["Xvfb", DISPLAY, "-screen", "0", "640x360x24", "-nolisten", "tcp"], **quiet)
        time.sleep(2)
        player = subprocess.Popen(["kodi", "--standalone"], env=environment, **quiet)
        try:
            yield
        finally:
            _ended(player)
            screen.terminate()
            screen.wait()


def _ended(player: "subprocess.Popen[bytes]") -> None:
    try:
        ask("Application.Quit")
        player.wait(20)
    except (OSError, subprocess.TimeoutExpired):
        player.kill()
        player.wait()


def channels() -> list[dict[str, Any]]:
    """Kodi's channels, once it has loaded them. Raises TimeoutError."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            ask("Addons.SetAddonEnabled", addonid=ADDON, enabled=True)
            found = ask("PVR.GetChannels", channelgroupid="alltv", properties=["channelnumber"]).get("channels")
            if found and shown(found[0]["channelid"]):
                return list(found)
        except (OSError, KeyError):  # it starts, or the client is not on yet
            pass
        time.sleep(2)
    raise TimeoutError("Kodi does not load the list")


def shown(channel: int) -> list[Shown]:
    """What Kodi has in its guide for a channel."""
    properties = ["title", "starttime", "endtime", "plot"]
    rows = ask("PVR.GetBroadcasts", channelid=channel, properties=properties).get("broadcasts", [])
    return [(_epoch(row["starttime"]), _epoch(row["endtime"]), row["title"], row["plot"]) for row in rows]


def _epoch(text: str) -> int:
    return int(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp())


def told(base: str, number: int, start: int, stop: int) -> list[Shown]:
    """The same by the JSON face."""
    address = f"{base}/epg/v1/guide?channel={number}&from={start}&to={stop}"
    with urllib.request.urlopen(address, timeout=30) as answer:
        rows = json.load(answer)["programmes"]
    return [(row["start"], row["stop"], row["title"], row.get("desc", "")) for row in rows]


def main() -> int:
    """Compare every channel."""
    options = argparse.ArgumentParser(prog="python -m tools.kodi", description=(__doc__ or "").partition("\n")[0])
    options.add_argument("base", metavar="URL", help="where the server answers")
    base: str = options.parse_args().base.rstrip("/")
    if missing := [name for name in ("kodi", "Xvfb") if shutil.which(name) is None]:
        sys.exit(f"{' and '.join(missing)} not found: apt-get install kodi kodi-pvr-iptvsimple xvfb")
    different = 0
    with kodi(base):
        for one in channels():
            theirs = shown(one["channelid"])
            ours = told(base, one["channelnumber"], theirs[0][0], theirs[-1][1]) if theirs else []
            same = bool(theirs) and theirs == ours
            different += not same
            print(f"{one['channelnumber']} {one['label']}: {len(theirs)} programmes, {'same' if same else 'DIFFERENT'}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
