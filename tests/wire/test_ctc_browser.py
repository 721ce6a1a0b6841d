"""Dialect B and the failure page in real Chromium: the box's own object is put into the browser."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from middleware.portal.ctc.authenticator import seal
from tools.trial_town import Served, TelecomBox, Trial, build, serving

BOX = """(function () {
  var kept = JSON.parse(sessionStorage.box || '%(settings)s'), log = JSON.parse(sessionStorage.log || '[]');
  window.Authentication = {
    CTCGetConfig: function (name) { return kept[name] || ''; },
    CTCSetConfig: function (name, value) {
      kept[name] = value; log.push([name, value]);
      sessionStorage.box = JSON.stringify(kept); sessionStorage.log = JSON.stringify(log);
      return 0;
    },
    CTCGetAuthInfo: function (token) {
      var asked = new XMLHttpRequest();
      asked.open('GET', '/box-firmware?token=' + token, false); asked.send();
      return asked.responseText;
    }
  };
})();"""


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return build(tmp_path_factory.mktemp("ctc") / "data", telecoms=3)


@pytest.fixture(scope="module")
def served(trial: Trial) -> Iterator[Served]:
    with serving(trial.data) as found:
        yield found


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    yield context.new_page()
    context.close()


def put_box(page: Page, box: TelecomBox, password: str) -> list[str]:
    """Make the browser that box; returns the list into which the faults of its pages go."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)

    def prove(route: Route) -> None:
        token = parse_qs(urlsplit(route.request.url).query)["token"][0]
        plain = f"99999${token}${box.user}${box.serial}$10.0.0.7${box.mac}$$CTC"
        route.fulfill(body=seal(plain, password, "des8"), content_type="text/plain")

    page.add_init_script(BOX % {"settings": json.dumps({"UserID": box.user, "STBID": box.serial, "mac": box.mac})})
    page.route("**/box-firmware*", prove)
    return faults


def told(page: Page, name: str) -> list[str]:
    return [value for key, value in json.loads(page.evaluate("sessionStorage.log || '[]'")) if key == name]


@pytest.mark.browser
@pytest.mark.parametrize("start", ["/iptvepg/platform/index.jsp?Mode=MENU&", "/auth?"])
def test_zte_and_jiangsu_boxes_find_their_way_to_our_pages(
    page: Page, trial: Trial, served: Served, start: str
) -> None:
    box = trial.telecoms[0 if "index" in start else 1]
    faults = put_box(page, box, box.password)
    page.goto(f"{served.base}{start}UserID={box.user}&Action=Login")
    page.wait_for_url("**/p/home", timeout=20_000)

    assert faults == []
    assert told(page, "ChannelCount")[-1] == "6"
    records = told(page, "Channel")
    assert [one.partition(",")[0] for one in records] == [f'ChannelID="ch{number:020d}"' for number in range(1, 7)]
    assert 'ChannelName="农科，三农"' in records[2]
    assert page.locator(".f.on").count() == 1


@pytest.mark.browser
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("/EPG/jsp/AuthenticationURL?", "ValidAuthenticationHWCTC.jsp"),
        ("/iptvepg/platform/getencrypttoken.jsp?", "error.jsp"),
    ],
)
def test_who_is_not_let_in_reads_why_and_tries_again_by_ok(
    page: Page, trial: Trial, served: Served, start: str, end: str
) -> None:
    box = trial.telecoms[2]
    faults = put_box(page, box, "27182818")
    page.goto(f"{served.base}{start}UserID={box.user}&Action=Login")
    page.wait_for_url(f"**/{end}*", timeout=20_000)

    assert "账号或密码不对" in page.inner_text("body")
    assert told(page, "authStatus")[-1] == "0x11000001"
    boxes = [one.bounding_box() for one in page.locator("div, a").all()]
    assert all(one and one["x"] >= 64 and one["y"] >= 36 and one["y"] + one["height"] <= 684 for one in boxes)
    sizes = page.eval_on_selector_all("div, a", "all => all.map(one => parseInt(getComputedStyle(one).fontSize))")
    assert min(sizes) >= 22
    with page.expect_response(lambda answer: end in answer.url):
        page.keyboard.press("Enter")
    page.locator("#retry").wait_for()
    page.wait_for_load_state()
    assert page.url.partition("?")[0].endswith(end)
    assert faults == []
