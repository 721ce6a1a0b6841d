"""Sources that call us: an encoder of a live session that knows nothing but our address."""

import json
import socket
import subprocess

import pytest

from vod import ffmpeg_args

PICTURES = "-re -f lavfi -i testsrc=s=64x36:r=25 -f lavfi -i sine -c:v libx264 -preset ultrafast -g 25 -c:a aac"
TRIES = 20


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.mark.parametrize(
    ("scheme", "rest", "container", "kind"),
    [
        ("srt", "?passphrase=0123456789", "mpegts", socket.SOCK_DGRAM),
        ("rtmp", "/live/key", "flv", socket.SOCK_STREAM),
    ],
)
def test_an_encoder_that_calls_us_is_taken(scheme: str, rest: str, container: str, kind: socket.SocketKind) -> None:
    port = free_port(kind)
    looking = ffmpeg_args.source_args(f"{scheme}://0.0.0.0:{port}{rest}")
    to = ["-t", "20", "-f", container, f"{scheme}://127.0.0.1:{port}{rest}"]
    with subprocess.Popen(["ffprobe", *looking], stdout=subprocess.PIPE, text=True) as probe:
        for _ in range(TRIES):  # an encoder calls again until it is taken
            subprocess.run(["ffmpeg", "-v", "quiet", *PICTURES.split(), *to], check=False)
            if probe.poll() is not None:
                break
        probe.kill()
        seen = json.loads(probe.communicate()[0])

    assert {"h264", "aac"} == {stream["codec_name"] for stream in seen["streams"]}
