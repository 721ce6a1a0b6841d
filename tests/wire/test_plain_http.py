"""Every dialect over old, odd and broken HTTP on the real program: defined answers, never chunked, nothing left."""

import re
import socket
import time
from collections.abc import Iterator

import pytest
from attrs import frozen

from tools.trial_town import Served, Trial, build, serving

ADDRESSES = {
    "ministra": "/stalker_portal/server/load.php?type=stb&action=handshake&token=&JsHttpRequest=1-xml",
    "ctc-a": "/EDS/jsp/AuthenticationURL?UserID=07630001&Action=Login",
    "ctc-a, its form": "/EPG/jsp/AuthenticationURL?UserID=07630001&Action=Login",
    "ctc-b": "/iptvepg/platform/getencrypttoken.jsp?UserID=07630001&Action=Login&TerminalFlag=1&STBID=&stbtype=",
    "ctc-c": "/EPG/oauth/v2/authorize?response_type=EncryToken&client_id=x&userid=07630001",
    "cable": "/portal?CAID=8763000100020003&mac=00-19-C6-00-00-01",
    "guide": "/EPG/jsp/liveplay_30/en/getTvodData.jsp?channelId=1",
    "billing": "/stalker_portal/api/stb",
    "link": "/l/nothing/ch/1/index.m3u8",
}
STATUS = {"ctc-a": 302, "guide": 403, "billing": 401, "link": 403}
FORMS = ("/stalker_portal/server/load.php", "/EPG/jsp/ValidAuthenticationHWCTC.jsp", "/iptvepg/platform/auth.jsp")
LINES = ("GET {} HTTP/1.0\r\n", "GET {} HTTP/1.1\r\nHost: x\r\n", "GET http://a.b{} HTTP/1.1\r\n")
MAC = "Cookie: mac=00%3A1A%3A79%3A00%3A00%3A01\r\n"


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return build(tmp_path_factory.mktemp("plain") / "data")


@pytest.fixture(scope="module")
def served(trial: Trial) -> Iterator[Served]:
    with serving(trial.data) as found:
        yield found


@frozen
class Told:
    status: int
    head: str
    body: bytes


def ask(served: Served, request: bytes) -> Told:
    """Send bytes, and read to the end of the connection or for as long as the answer says."""
    with socket.create_connection((served.host, served.port), 10) as peer:
        peer.sendall(request)
        read = b""
        while not _whole(read):
            piece = peer.recv(1 << 18)
            if not piece:
                break
            read += piece
    head, _, body = read.partition(b"\r\n\r\n")
    return Told(int(head.split()[1]), head.decode("latin-1").lower(), body)


def _whole(read: bytes) -> bool:
    head, found, body = read.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
    return bool(found) and bool(length.strip()) and len(body) >= int(length)


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(
    "line", ["GET {} HTTP/1.0\r\n", "GET {} HTTP/1.1\r\nHost: x\r\n", "GET http://a.b{} HTTP/1.1\r\n"]
)
def test_old_and_absolute_requests_are_answered_alike_and_never_chunked(served: Served, name: str, line: str) -> None:
    told = ask(served, f"{line.format(ADDRESSES[name])}{MAC}\r\n".encode())

    assert told.status == STATUS.get(name, 200)
    assert "content-length:" in told.head
    assert "transfer-encoding" not in told.head
    assert told.head.isascii()


@pytest.mark.parametrize("path", FORMS)
def test_a_body_of_a_megabyte_is_refused_before_it_is_read(served: Served, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\n{MAC}Content-Type: application/x-www-form-urlencoded\r\n"

    told = ask(served, f"{head}Content-Length: 1048576\r\n\r\n".encode() + b"a=1&" * 100)

    assert told.status == 413


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("kind", ["", "Content-Type: text/plain\r\n", "Content-Type: multipart/form-data\r\n"])
def test_a_form_without_its_content_type_is_answered_all_the_same(served: Served, path: str, kind: str) -> None:
    body = "type=stb&action=get_localization&UserID=undefined&UserID=07630001&Authenticator=&StbIP=undefined"

    told = ask(
        served, f"POST {path} HTTP/1.1\r\nHost: x\r\n{MAC}{kind}Content-Length: {len(body)}\r\n\r\n{body}".encode()
    )

    assert told.status == 200
    assert "transfer-encoding" not in told.head


def test_half_open_connections_leave_nothing_behind(served: Served) -> None:
    before = served.process.num_fds()
    parts = (b"", b"GET /por", f"POST {FORMS[0]} HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\ntype=".encode())
    for part in parts * 60:
        peer = socket.create_connection((served.host, served.port), 10)
        peer.sendall(part)
        peer.close()

    end = time.monotonic() + 10
    while served.process.num_fds() > before + 5 and time.monotonic() < end:
        time.sleep(0.1)

    assert served.process.num_fds() <= before + 5
    assert "Traceback" not in served.said()


def test_requests_in_a_row_are_answered_in_their_order(served: Served) -> None:
    wanted = [f"GET {path} HTTP/1.1\r\nHost: x\r\n{MAC}\r\n".encode() for path in ADDRESSES.values()]
    with socket.create_connection((served.host, served.port), 10) as peer:
        peer.sendall(b"".join(wanted * 4) + b"GET /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        read = b""
        while piece := peer.recv(1 << 18):
            read += piece

    statuses = [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", read)]
    assert statuses[:-1] == [STATUS.get(name, 200) for name in ADDRESSES] * 4
