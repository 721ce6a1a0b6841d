"""Logins of every dialect, good and bad, on the real program: its log holds no password, token, proof or link."""

import re
import socket
import time
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import parse_qs, quote, unquote, urlsplit

import attrs
import pytest

from middleware.portal.core.signing import Signer, keys_of
from middleware.storage.secrets import Vault
from tools.stb.dialects import client
from tools.stb.line import Line
from tools.stb.values import Answer, Ask, Box, Refused
from tools.trial_town import LOGIN, LOGIN_PASSWORD, PASSWORD, Served, Trial, build, mac, serving

WRONG = "27182818284"
PHONE = "13806336021"
SECRET_FIELDS = ("password", "Authenticator", "authinfo", "userToken", "UserToken", "token", "access_token", "tempKey")
IN_ANSWERS = re.compile(
    r'"(?:token|access_token|EncryToken|random)" ?: ?"([^"]+)"|EncryptToken = "([^"]+)"|GetAuthInfo\(\'([^\']+)\'\)'
    r"|'UserToken','([^']+)'|name=\"UserToken\" value=\"([^\"]+)\"|/l/([^/\"'?]+)/|UserToken=([\w.-]+)"
)


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return build(tmp_path_factory.mktemp("secrecy") / "data")


@pytest.fixture(scope="module")
def served(trial: Trial) -> Iterator[Served]:
    with serving(trial.data, settings='[devices]\nunknown = "login"\n') as found:
        yield found


class Spy:
    """Keeps every secret that goes over the wire in either direction."""

    def __init__(self) -> None:
        self.secrets: set[str] = {PASSWORD, LOGIN_PASSWORD, WRONG, PHONE}
        self.line = Line(saw=self._saw)

    def _saw(self, ask: Ask, answer: Answer, _seconds: float) -> None:
        fields = parse_qs(urlsplit(ask.url).query) | parse_qs(ask.body.decode("utf-8", "replace"))
        for name in SECRET_FIELDS:
            self.secrets.update(fields.get(name, ()))
        for name, value in answer.headers:
            if name == "set-cookie":
                self.secrets.add(unquote(value.partition("=")[2].partition(";")[0]))
        for groups in IN_ANSWERS.findall(answer.text):
            self.secrets.update(filter(None, groups))
        self.secrets.update(value.split(" ")[-1] for name, value in ask.headers if name == "Authorization")

    def log_in(self, box: Box) -> bool:
        """Whether it was let in; both leave their mark."""
        one = client(box, lambda _name, _learned: None)
        try:
            self.line.run(one.login())
            found = self.line.run(one.channels())
            self.line.run(one.guide(found[0]))
            url = self.line.run(one.stream(found[0])) if box.dialect == "ministra" else ""
        except Refused:
            return False
        if url:
            for path in (url, url.replace("/l/", "/l/x"), f"{url}?start=0&duration=60"):
                self.line.answer(Ask("GET", path))
        return True


def _boxes(served: Served, trial: Trial) -> Iterator[tuple[Box, bool]]:
    """Boxes, and whether they are to be let in."""
    yield Box(served.base, "ministra", mac=trial.mags[0]), True
    yield Box(served.base, "ministra", mac=mac(0x7777), user=LOGIN, password=WRONG), False
    yield Box(served.base, "ministra", mac=trial.asking, user=LOGIN, password=LOGIN_PASSWORD), True
    for at, dialect in enumerate(("ctc-a", "ctc-b", "ctc-c")):
        one = trial.telecoms[at]
        box = Box(served.base, dialect, mac=one.mac, serial=one.serial, user=one.user, password=one.password)
        yield box, True
        yield attrs.evolve(box, user=trial.telecoms[3].user, password=WRONG), False
        yield attrs.evolve(box, user="nobody", password=WRONG), False
    for card, address in trial.cards:
        yield Box(served.base, "cable", mac=address, card=card), True


def test_no_secret_of_any_log_in_stands_in_the_log(served: Served, trial: Trial) -> None:
    spy = Spy()
    let_in = [(box.dialect, spy.log_in(box), due) for box, due in _boxes(served, trial)]
    for secret in (trial.billing, WRONG):
        basic = b64encode(f"billing:{secret}".encode()).decode()
        spy.secrets |= {secret, basic}
        body = f"login=x&password={quote(LOGIN_PASSWORD)}&phone={PHONE}&account_number=77".encode()
        for ask in (
            Ask("GET", f"{served.base}/stalker_portal/api/accounts", (("Authorization", f"Basic {basic}"),)),
            Ask("POST", f"{served.base}/stalker_portal/api/accounts", (("Authorization", f"Basic {basic}"),), body),
        ):
            spy.line.answer(ask)
    for path in ("/v/1-1/master.m3u8", "/ch/x/360.m3u8", "/s/1-1/360/00000.ts", "/k/1-1"):
        address = Signer(keys_of(Vault.load(trial.data).signing_key, 0), time.time).address(path)
        spy.secrets.add(address.split("/")[3])
        for asked in (address, address.replace("/pub/", "/hall/"), f"{address}?start=x"):
            spy.line.answer(Ask("GET", f"{served.base}{asked}"))
    spy.line.close()
    _broken(served, spy.secrets)

    said = served.said()
    assert [one for one in let_in if one[1] != one[2]] == []
    secrets = {one for one in spy.secrets if len(one) >= 6}
    assert len(secrets) > 30
    assert [one[:4] for one in secrets if one in said or quote(one, safe="") in said] == []


def _broken(served: Served, secrets: set[str]) -> None:
    """Requests that are refused before anybody reads them: what complains of them must not repeat them."""
    for secret in list(secrets)[:5]:
        with socket.create_connection((served.host, served.port), 5) as peer:
            head = f"GET /portal.php?token={secret} HTTP/9\r\nAuthorization: Bearer {secret}\r\n:\r\n\r\n"
            peer.sendall(head.encode())
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(65536):
                pass
