"""Guessed tokens, MACs and signatures get nothing; who guesses too often waits, and is let in again later."""

import random
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

import attrs
import pytest

from middleware import config
from middleware.portal.dialects import DialectSettings
from middleware.services import devices
from tests.wire.boxes_site import BASE, HERE, BoxesSite
from tools.stb.ministra import Ministra
from tools.stb.values import Answer, Ask, Box, Refused
from tools.trial_town import LOGIN, LOGIN_PASSWORD, Trial, build, mac

NOW = datetime(2026, 11, 25, 11, 30, tzinfo=UTC)
REFUSED = b"Authorization failed."
STRANGER = "10.9.9.9"
HEX = "0123456789ABCDEF"
API = f"{BASE}/stalker_portal/server/load.php"


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return build(tmp_path_factory.mktemp("guesses") / "data", now=NOW)


@pytest.fixture
def site(trial: Trial, tmp_path: Path) -> Iterator[BoxesSite]:
    found = BoxesSite(trial.copy(tmp_path / "data"), NOW)
    yield found
    found.stop()


def mag(site: BoxesSite, at: int = 0, **changes: str) -> Ministra:
    return Ministra(Box(BASE, "ministra", mac=site.trial.mags[at], **changes), lambda _name, _learned: None)


def logged_in(site: BoxesSite, at: int = 0) -> Ministra:
    box = mag(site, at)
    site.run(box.login())
    return box


def action(kind: str, name: str, address: str, token: str = "", **fields: str) -> Ask:
    query = "&".join(f"{key}={quote(value)}" for key, value in (("type", kind), ("action", name), *fields.items()))
    bearer = (("Authorization", f"Bearer {token}"),) if token else ()
    return Ask("GET", f"{API}?{query}", (("Cookie", f"mac={quote(address)}"), *bearer))


def test_no_guessed_bearer_opens_the_api(site: BoxesSite) -> None:
    box, dice = logged_in(site), random.Random(1)
    guesses = ["".join(dice.choices(HEX, k=32)) for _ in range(150)]
    near = [box.token[:at] + HEX[(HEX.index(box.token[at]) + 1) % 16] + box.token[at + 1 :] for at in range(32)]

    found = {
        site.ask(action("itv", "get_genres", site.trial.mags[0], token), STRANGER).body
        for token in (*guesses, *near, box.token.lower(), box.token[:31], box.token + "0", "undefined", "0" * 32)
    }

    assert found == {REFUSED}
    assert site.run(box.channels())


def test_a_bearer_is_worth_nothing_with_the_mac_of_another(site: BoxesSite) -> None:
    box = logged_in(site)

    answers = {site.ask(action("itv", "get_genres", other, box.token)).body for other in site.trial.mags[1:]}

    assert answers == {REFUSED}


def test_a_profile_for_a_guessed_mac_brings_nothing_and_does_not_disturb_the_box(site: BoxesSite) -> None:
    box = logged_in(site)
    stranger = mag(site)
    site.run(stranger.handshake(), STRANGER)

    assert site.ask(action("itv", "get_all_channels", site.trial.mags[0], stranger.token), STRANGER).body == REFUSED
    assert site.run(box.channels())


def link(site: BoxesSite, box: Ministra) -> str:
    return urlsplit(site.run(box.stream(site.run(box.channels())[0]))).path


def opens(site: BoxesSite, path: str) -> bool:
    return site.ask(Ask("GET", f"{BASE}{path}")).status in {200, 302}


def test_no_changed_signature_opens_a_stream(site: BoxesSite) -> None:
    path = link(site, logged_in(site))
    head, token, rest = path.split("/", 3)[1:]
    changed = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(len(token))]
    others = rest.replace("ch/1/", "ch/2/"), rest.replace("ch/1/", "ch/0/"), "vod/1/index.m3u8", "x", ""

    assert opens(site, path)
    assert [one for one in changed if opens(site, f"/{head}/{one}/{rest}")] == []
    assert [one for one in others if one != rest and opens(site, f"/{head}/{token}/{one}")] == []


def test_a_link_that_nobody_opened_is_worth_nothing_later(site: BoxesSite) -> None:
    box = logged_in(site)
    kept = link(site, box)
    site.clock.advance(1)  # links of the same second are the same
    late = link(site, box)

    site.clock.advance(28)
    assert [opens(site, kept) for _ in range(3)] == [True] * 3
    for _ in range(40):
        site.clock.advance(10)
        assert opens(site, kept), "it lives as long as it is asked for"

    assert late != kept
    assert not opens(site, late)


def test_a_blocked_box_loses_its_stream_at_once(site: BoxesSite) -> None:
    box = logged_in(site)
    path = link(site, box)
    assert opens(site, path)

    site.store.run_sync(lambda uow: _block(uow, site.trial.mags[0]))

    assert not opens(site, path)
    assert site.ask(action("itv", "get_genres", site.trial.mags[0], box.token)).body == b"Access denied."


def _block(uow: object, address: str) -> None:
    found = next(one for one in uow.devices.all() if one.mac == address)  # type: ignore[attr-defined]
    devices.set_state(uow, NOW, "test", found.id, "blocked")


def telecom(site: BoxesSite, at: int = 0, dialect: str = "ctc-a") -> Box:
    one = site.trial.telecoms[at]
    return Box(BASE, dialect, mac=one.mac, serial=one.serial, user=one.user, password=one.password)


def test_no_guessed_session_opens_the_line_up_or_the_guides_of_telecom_boxes(site: BoxesSite) -> None:
    site.run(site.client(telecom(site)).login())
    dice = random.Random(2)
    guide = f"{BASE}/EPG/jsp/liveplay_30/en/getTvodData.jsp?channelId=1"

    for _ in range(60):
        guess = "".join(dice.choices(HEX, k=32))
        cookie = ("Cookie", f"JSESSIONID={guess}; UserToken={guess}; telecomToken={guess}")
        body = f"UserToken={guess}&UserID={telecom(site).user}".encode()
        form = ("Content-Type", "application/x-www-form-urlencoded")
        page = site.ask(Ask("POST", f"{BASE}/EPG/jsp/getchannellistHWCTC.jsp", (cookie, form), body), STRANGER)

        assert b"'Channel'" not in page.body
        assert site.ask(Ask("GET", guide, (cookie,)), STRANGER).status == 403


@pytest.mark.parametrize("dialect", ["ctc-a", "ctc-b", "ctc-c"])
def test_five_wrong_keys_lock_a_telecom_account_for_ten_minutes(site: BoxesSite, dialect: str) -> None:
    right = telecom(site, 1, dialect)
    wrong = attrs.evolve(right, password="27182818")

    for _ in range(5):
        with pytest.raises(Refused):
            site.run(site.client(wrong).login())
    with pytest.raises(Refused):
        site.run(site.client(right).login())
    site.clock.advance(601)

    site.run(site.client(right).login())


def test_an_unknown_account_is_told_what_a_wrong_key_is_told(site: BoxesSite) -> None:
    known, unknown = attrs.evolve(telecom(site), password="27182818"), attrs.evolve(telecom(site), user="99990001")

    told = [_why(site, box) for box in (known, unknown) for _ in range(6)]

    assert told[:6] == told[6:]
    assert told[0] != told[5], "the sixth meets the lock"


def _why(site: BoxesSite, box: Box) -> str:
    with pytest.raises(Refused) as refused:
        site.run(site.client(box).login())
    return str(refused.value)


def test_passwords_of_ministra_are_tried_a_few_times_and_again_later(trial: Trial, tmp_path: Path) -> None:
    asking = DialectSettings(devices=config.Devices(unknown="login"))
    site = BoxesSite(trial.copy(tmp_path / "asking"), NOW, dialects=asking)
    box = Ministra(Box(BASE, "ministra", mac=trial.asking), lambda _name, _learned: None)
    site.run(box.handshake())

    def tried(password: str) -> bool:
        fields = {"login": LOGIN, "password": password}
        return b'"js":true' in site.ask(action("stb", "do_auth", trial.asking, box.token, **fields)).body

    assert site.run(box.profile()) == 2
    assert [tried(f"wrong{at}") for at in range(12)] == [False] * 12
    assert not tried(LOGIN_PASSWORD), "too many were wrong"
    site.clock.advance(3600)
    assert tried(LOGIN_PASSWORD)
    assert site.run(box.profile(second=True)) == 0
    site.stop()


def test_strangers_are_slowed_down_and_known_boxes_at_the_same_address_are_not(site: BoxesSite) -> None:
    answers: list[Answer] = []
    for at in range(700):
        address = mac(at, 0x001A79660000)
        answers.append(site.ask(action("stb", "get_profile", address), STRANGER))

    assert {answer.status for answer in answers} == {200}
    assert answers[-1].body == REFUSED, "over the bound"
    for at in range(len(site.trial.mags)):
        box = mag(site, at)
        site.run(box.boot(), STRANGER)
    registered = site.store.run_sync(lambda uow: len(uow.devices.all()))
    assert registered < 300
    site.clock.advance(3700)
    again = site.ask(action("stb", "get_profile", mac(5000, 0x001A79660000)), STRANGER)
    assert again.body != REFUSED


def test_no_guessed_cookie_opens_a_page(site: BoxesSite) -> None:
    entered = site.ask(Ask("GET", f"{BASE}/portal?mac={site.trial.mags[0]}&asked=1"))
    cookie = next(value for name, value in entered.headers if name == "set-cookie" and "Max-Age=0" not in value)
    name, _, token = cookie.partition(";")[0].partition("=")

    def home(value: str) -> int:
        return site.ask(Ask("GET", f"{BASE}/p/home", (("Cookie", f"{name}={value}"),))).status

    changed = [token[:at] + ("1" if token[at] != "1" else "2") + token[at + 1 :] for at in range(len(token))]
    assert home(token) == 200
    assert [one for one in changed if home(one) == 200] == []


def billing(site: BoxesSite, secret: str, client: str = STRANGER) -> int:
    login = b64encode(f"billing:{secret}".encode()).decode()
    return site.ask(Ask("GET", f"{BASE}/stalker_portal/api/stb", (("Authorization", f"Basic {login}"),)), client).status


def test_guessed_secrets_of_billing_are_refused_and_slowed_down_and_billing_itself_goes_on(site: BoxesSite) -> None:
    guesses = [billing(site, f"{at:032x}") for at in range(40)]
    locked = billing(site, site.trial.billing)
    elsewhere = billing(site, site.trial.billing, HERE)
    site.clock.advance(3600)

    assert set(guesses) == {401, 429}
    assert (locked, elsewhere) == (429, 200)
    assert billing(site, site.trial.billing) == 200
