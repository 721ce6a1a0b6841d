"""A real browser with the `Authentication` object of a telecom box walks dialect A from the first address by itself."""

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from tools.stb.authenticator import encipher, key, plain
from tools.trial_town import Served, TelecomBox, Trial, build, serving

SCHEMES = {"": "des8", "salted": "salted", "md5-24": "md5-24"}
"""What the account is stored with, and what the box then enciphers with."""
TYPES = {"salted": "0002", "md5-24": "0003"}

# The box's own object: settings are kept as the box keeps them, over all pages, and the proof is made outside the page
# (a synchronous request that never leaves this machine), as the box makes it in its firmware.
AUTHENTICATION = """
(function () {
  var kept = JSON.parse(sessionStorage.box || JSON.stringify(%(settings)s));
  var log = JSON.parse(sessionStorage.log || '[]');
  function find(name) {
    for (var k in kept) if (k.toLowerCase() == name.toLowerCase()) return k;
    return name;
  }
  window.Authentication = {};
  window.Authentication['%(prefix)sGetConfig'] = function (name) { return kept[find(name)] || ''; };
  window.Authentication['%(prefix)sSetConfig'] = function (name, value) {
    kept[find(name)] = value;
    log.push([name, value]);
    sessionStorage.box = JSON.stringify(kept);
    sessionStorage.log = JSON.stringify(log);
    return 0;
  };
  window.Authentication['%(prefix)sGetAuthInfo'] = function (token) {
    var asked = new XMLHttpRequest();
    var query = 'type=' + (kept.EncryptionType || '') + '&token=' + encodeURIComponent(token);
    asked.open('GET', '/box-firmware?' + query, false);
    asked.send();
    return asked.responseText;
  };
})();
"""


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return build(tmp_path_factory.mktemp("chain") / "data", telecoms=8)


@pytest.fixture(scope="module")
def served(trial: Trial) -> Iterator[Served]:
    with serving(trial.data) as found:
        yield found


class TelecomSet:
    """A television with a telecom box: what its pages set, and what went wrong on them."""

    def __init__(self, page: Page, box: TelecomBox, prefix: str, password: str = "") -> None:
        self.page = page
        self.box = box
        self.password = password or box.password
        self.faults: list[str] = []
        self.paths: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        page.on("request", lambda request: self.paths.append(urlsplit(request.url).path))
        settings = {
            "UserID": box.user, "STBID": box.serial, "STBType": "EC6108V9", "STBVersion": "V100", "mac": box.mac,
            "SupportHD": "1", "Lang": "1", "ConnectType": "dhcp", "templateName": "default",
        }  # fmt: skip
        page.add_init_script(AUTHENTICATION % {"settings": json.dumps(settings), "prefix": prefix})
        page.route("**/box-firmware*", self._prove)

    def _prove(self, route: Route) -> None:
        asked = parse_qs(urlsplit(route.request.url).query)
        scheme = {"0002": "salted", "0003": "md5-24"}.get(asked.get("type", [""])[0], "des8")
        box = self.box
        text = plain("99999", asked["token"][0], box.user, box.serial, "10.0.0.7", box.mac)
        route.fulfill(body=encipher(text, key(scheme, self.password)), content_type="text/plain")

    def switch_on(self, served: Served) -> None:
        self.page.goto(f"{served.base}/EDS/jsp/AuthenticationURL?UserID={self.box.user}&Action=Login")

    def arrive(self, path: str, seconds: float = 15) -> None:
        """Wait until the box stands on an address; it is not touched meanwhile."""
        end = time.monotonic() + seconds
        while path not in urlsplit(self.page.url).path:
            assert time.monotonic() < end, (self.page.url, self.paths, self.faults, self.page.content()[:2000])
            self.page.wait_for_timeout(50)
        self.page.wait_for_load_state("load")

    def told(self, name: str) -> list[str]:
        """Every value that pages set a key to."""
        log: list[Any] = json.loads(self.page.evaluate("sessionStorage.log || '[]'"))
        return [value for key, value in log if key.lower() == name.lower()]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    yield context.new_page()
    context.close()


def scheme_of(trial: Trial, box: TelecomBox, scheme: str) -> None:
    """Store the scheme as it is known of the account from an earlier log-in."""
    from middleware.storage.secrets import Vault
    from middleware.storage.store import Store

    store = Store.open(f"sqlite:///{trial.data}/nanhu.db", vault=Vault.load(trial.data))
    try:
        store.run_sync(lambda uow: _store(uow, box, scheme))
    finally:
        store.close()


def _store(uow: Any, box: TelecomBox, scheme: str) -> None:
    import attrs

    from middleware.services import devices

    found = next(device for device in uow.devices.all() if device.iptv_user == box.user)
    if hasattr(devices, "remember_scheme"):
        devices.remember_scheme(uow, found.id, scheme)
    else:
        uow.devices.save(attrs.evolve(found, scheme=scheme))


@pytest.mark.parametrize("prefix", ["CTC", "CU"])
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.browser
def test_the_box_finds_its_way_to_the_portal_by_itself(
    page: Page, trial: Trial, served: Served, prefix: str, scheme: str
) -> None:
    box = trial.telecoms[list(SCHEMES).index(scheme) * 2 + (prefix == "CU")]
    if scheme:
        scheme_of(trial, box, scheme)
    tv = TelecomSet(page, box, prefix)

    tv.switch_on(served)
    tv.arrive("/p/")

    assert tv.faults == []
    assert tv.told("EncryptionType")[:1] == ([TYPES[scheme]] if scheme else [])
    assert tv.told("ChannelCount")[-1] == "6"
    records = tv.told("Channel")
    assert [record.partition('"')[2].partition('"')[0] for record in records] == [str(at) for at in range(1, 7)]
    assert len(tv.told("UserToken")[-1]) >= 20
    assert unquote(tv.told("EPGDomain")[-1]).startswith("http://")
    assert page.locator(".f.on").count() == 1


@pytest.mark.browser
def test_a_wrong_password_ends_on_a_page_with_words_and_one_thing_to_press(
    page: Page, trial: Trial, served: Served
) -> None:
    tv = TelecomSet(page, trial.telecoms[7], "CTC", password="27182818")

    tv.switch_on(served)
    tv.arrive("ValidAuthenticationHWCTC.jsp")

    assert tv.faults == []
    assert tv.told("authStatus") == ["0x11000001"]
    assert tv.told("UserToken") == []
    assert any("一" <= char <= "鿿" for char in page.inner_text("body"))


@pytest.mark.browser
def test_a_browser_without_the_object_reads_a_page_and_does_not_run_in_circles(page: Page, served: Served) -> None:
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))

    page.goto(f"{served.base}/EDS/jsp/AuthenticationURL?UserID=07630001&Action=Login")
    page.wait_for_timeout(1500)

    assert len([url for url in seen if "/EPG/" in url]) <= 3, seen
    assert any("一" <= char <= "鿿" for char in page.inner_text("body"))
