"""What a box may do: waiting, admitted while it looks, barred with the operator's words, opened elsewhere."""

import json
from collections.abc import Callable

import attrs
import pytest

from middleware.domain.accounts import Account
from middleware.domain.packages import Grant, Package
from middleware.portal.rules import Rules
from middleware.services import devices
from tests.portal.portal_town import MACS, NOW, TV, PortalTown

NEW = "00:1A:79:EE:00:01"
RULES = Rules(hotline="0633-8282828", one_entry=True)


@pytest.fixture
def strict_town(portal_town_with: Callable[..., PortalTown]) -> PortalTown:
    return portal_town_with(rules=RULES)


def come(town: PortalTown, mac: str, *, keeps: bool = True, path: str = "/portal") -> TV:
    tv = TV(town.site, keeps=keeps)
    tv.get(f"{path}?mac={mac}&asked=1")
    return tv


def id_of(town: PortalTown, mac: str) -> int:
    return next(one.id for one in town.store.run_sync(lambda uow: uow.devices.all(), write=False) if one.mac == mac)


def test_a_waiting_box_opens_on_its_number_and_on_home_once_it_is_let_in(strict_town: PortalTown) -> None:
    first, again = [TV(strict_town.site).get(f"/portal?mac={NEW}&asked=1").leads for _ in range(2)]
    device = id_of(strict_town, NEW)
    strict_town.write(lambda uow: devices.bind(uow, NOW, "op", device, strict_town.ids.homes["01001"]))
    admitted = TV(strict_town.site).get(f"/portal?mac={NEW}&asked=1").leads

    assert (first, again, admitted) == ("/p/code", "/p/code", "/p/home")


def test_a_new_box_shows_its_number_and_is_let_in_while_it_looks(strict_town: PortalTown) -> None:
    tv = come(strict_town, NEW)
    device = id_of(strict_town, NEW)
    page = tv.page("code").body
    parked = tv.ask("GET", "/poll?since=0&p=code")
    strict_town.write(lambda uow: devices.bind(uow, NOW, "op", device, strict_town.ids.homes["01001"]))
    strict_town.wait(1)
    told = tv.told()

    assert f">{number(strict_town, device)}<" in page
    assert "0633-8282828" in page
    assert parked is None
    assert told is not None
    assert json.loads(told.body) == {"since": 0, "reload": 1}
    assert tv.page("code").to == "/p/home"
    assert "还没登记" not in tv.page("home").body


def number(town: PortalTown, device: int) -> str:
    found = town.store.run_sync(lambda uow: devices.code_of(uow.devices.get(device)), write=False)  # type: ignore[arg-type]
    return str(found)


def test_what_changes_nothing_on_the_screen_does_not_fetch_the_page_anew(strict_town: PortalTown) -> None:
    tv = come(strict_town, MACS["01001"])
    tv.page("home")
    tv.ask("GET", "/poll?since=0&p=home")
    strict_town.write(lambda uow: devices.choose_family(uow, strict_town.ids.boxes["01001"], "ctc"))
    strict_town.wait(1)

    assert tv.told() is None


@pytest.mark.parametrize(
    ("account", "words"),
    [
        (Account(0, "A1", on=False, block_text="欠费停机，请到营业厅"), "欠费停机，请到营业厅"),
        (Account(0, "A1", ends_at=NOW), "服务到期了"),
    ],
)
def test_a_switched_off_account_shows_the_operators_words(
    strict_town: PortalTown, account: Account, words: str
) -> None:
    tv = come(strict_town, MACS["01001"])
    device = strict_town.ids.boxes["01001"]

    def tie(uow):  # type: ignore[no-untyped-def]
        made = uow.accounts.add(account)
        uow.devices.save(attrs.evolve(uow.devices.get(device), account_id=made.id))

    strict_town.write(tie)
    strict_town.portal.seats.forget(device)
    answer = tv.page("home")

    assert answer.status == 403
    assert words in answer.body
    assert "0633-8282828" in answer.body
    assert "王秀兰" not in answer.body


def test_the_set_that_came_in_last_goes_on_and_the_other_one_is_told(strict_town: PortalTown) -> None:
    first = come(strict_town, MACS["01001"])
    assert first.page("home").status == 200
    strict_town.clock.advance(2)
    second = come(strict_town, MACS["01001"])
    put_out = first.page("home")
    strict_town.clock.advance(2)
    back = first.page("again")

    assert second.page("home").status == 403, "the first one has come back"
    assert (put_out.status, "在别处打开了" in put_out.body) == (403, True)
    assert back.leads == "/p/home"
    assert first.page("home").status == 200


def test_several_remotes_of_the_demonstration_do_not_put_each_other_out(portal_town: PortalTown) -> None:
    first = portal_town.tv()
    portal_town.clock.advance(2)
    portal_town.tv()

    assert first.page("home").status == 200


def test_a_box_that_keeps_no_cookie_goes_on_by_its_addresses(strict_town: PortalTown) -> None:
    tv = TV(strict_town.site, keeps=False)
    home = tv.get(f"/portal?mac={MACS['01001']}&asked=1").to
    prefix = home.removesuffix("/p/home")
    strict_town.open_rollcall()
    pages = [tv.get(f"{prefix}/p/{page}").status for page in ("home", "affairs", "rc-1", "guide")]
    sent = tv.post(f"{prefix}/p/rc-1-pick", {"choice": str(strict_town.ids.members["王秀兰"])})
    seen = tv.get(f"{prefix}/p/rc-1-confirm").body

    assert prefix.startswith("/t/")
    assert pages == [200] * 4
    assert sent.to == f"{prefix}/p/rc-1-confirm"
    assert "王秀兰" in seen
    assert "invite" in tv.get(f"{prefix}/poll?since=0&p=home").body


def test_a_box_whose_cookie_comes_back_is_led_to_plain_addresses(strict_town: PortalTown) -> None:
    tv = TV(strict_town.site)
    home = tv.get(f"/portal?mac={MACS['01001']}&asked=1")
    plain = tv.follow(home)
    again = tv.get(f"/portal?mac={MACS['01001']}&asked=1")

    assert home.to.startswith("/t/")
    assert plain.to == "/p/home"
    assert again.to == "/p/home"


@pytest.mark.parametrize(
    "path", ["/t/", "/t/x/p/home", "/t/5.1.ff/p/home", "/t/../p/home", "/t/" + "a" * 400 + "/p/home", "/t/{}/admin/"]
)
def test_made_up_tokens_in_addresses_open_nothing(strict_town: PortalTown, path: str) -> None:
    tv = TV(strict_town.site, keeps=False)
    token = tv.get(f"/portal?mac={MACS['01001']}&asked=1").to.split("/")[2]

    assert tv.get(path.replace("{}", token)).status in {400, 403, 404}


def test_the_same_bytes_serve_a_box_with_and_without_a_cookie(strict_town: PortalTown) -> None:
    with_cookie = come(strict_town, MACS["01001"])
    prefix = TV(strict_town.site, keeps=False).get(f"/portal?mac={MACS['01001']}&asked=1").to.removesuffix("/p/home")
    strict_town.clock.advance(0)

    assert TV(strict_town.site).get(f"{prefix}/p/affairs").body == with_cookie.page("affairs").body


@pytest.mark.parametrize(("board", "page"), [("affairs", "affairs"), ("affairs", "article-1"), ("today", "film-1")])
def test_what_no_package_holds_is_refused_in_words(strict_town: PortalTown, board: str, page: str) -> None:
    tv = come(strict_town, MACS["01001"])
    other = come(strict_town, MACS["02001"])
    village = strict_town.store.run_sync(lambda uow: uow.places.villages()[0].id, write=False)

    def grant(uow):  # type: ignore[no-untyped-def]
        everything = uow.packages.add(Package(0, "all", "全部"))
        basic = uow.packages.add(Package(0, "basic", "基本", channels=(strict_town.ids.channels[0],), boards=("live",)))
        uow.packages.grant(Grant(basic.id, "village", str(village)))
        uow.packages.grant(Grant(everything.id, "device", str(strict_town.ids.boxes["02001"])))

    strict_town.write(grant)
    strict_town.portal.seats.forget_all()
    refused = tv.page(page)
    home = tv.page("home").body

    assert (refused.status, "没有开通" in refused.body) == (403, True)
    assert ("党群直播" in home, "党务公开" in home) == (True, False)
    assert other.page(page).status == 200
    assert "党务公开" in other.page("home").body


def test_channels_outside_the_packages_are_in_no_list_zap_or_guide(strict_town: PortalTown) -> None:
    tv = come(strict_town, MACS["01001"])
    first, second = strict_town.ids.channels

    def grant(uow):  # type: ignore[no-untyped-def]
        only = uow.packages.add(Package(0, "one", "一个频道", channels=(first,)))
        uow.packages.grant(Grant(only.id, "town"))

    strict_town.write(grant)
    strict_town.portal.seats.forget_all()
    shown = [tv.page(page).body for page in ("tv", "today-channels", "guide")]

    assert tv.page(f"tv-{second}").status == 404
    assert tv.page(f"tv-{first}").status == 200
    assert not any("山东卫视" in body or f"/p/tv-{second}" in body for body in shown)
