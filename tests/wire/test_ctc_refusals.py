"""Who is not let in, in all dialects: the same answer for a wrong key and for an account that nobody has."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import event
from twisted.internet.defer import Deferred, fail
from twisted.logger import LogEvent, globalLogPublisher

from middleware.domain.accounts import Account
from middleware.domain.errors import Busy
from middleware.portal.ctc import login as login_module
from middleware.services import devices
from tests.wire.ctc_rules import a4_form, a5_channels
from tests.wire.ctc_site import NOBODY, OTHER, PASSWORD, STB, USER, Answer, Box, CtcTown

WRONG = "87654329"
"""Differs from PASSWORD in more than the bits that DES ignores."""
CHANNELS = "/EPG/jsp/getchannellistHWCTC.jsp"


def enter_a(box: Box) -> Answer:
    return box.enter()


def enter_b(box: Box) -> Answer:
    page = box.get(f"/iptvepg/platform/getencrypttoken.jsp?UserID={box.user}&Action=Login").text
    token = re.search(r"GetAuthInfo\('(\w+)'\)", page)
    assert token is not None
    return box.post(
        "/iptvepg/platform/auth.jsp?easip=1&ipVersion=4&networkid=1",
        {"UserID": box.user, "Authenticator": box.sealed(token[1]), "StbIP": "10.0.0.1"},
    )


def enter_c(box: Box) -> Answer:
    token = re.search(r'"EncryToken":"(\w+)"', box.get(f"/EPG/oauth/v2/authorize?userid={box.user}").text)
    assert token is not None
    return box.get(f"/EPG/oauth/v2/token?grant_type=EncryToken&UserID={box.user}&authinfo={box.sealed(token[1])}")


def enter_j(box: Box) -> Answer:
    token = re.search(r"CTCGetAuthInfo\('(\w+)'\)", box.get(f"/auth?UserID={box.user}&Action=Login").text)
    assert token is not None
    return box.post("/uploadAuthInfo", {"UserID": box.user, "Authenticator": box.sealed(token[1])})


DIALECTS = {"A": enter_a, "B": enter_b, "C": enter_c, "Jiangsu": enter_j}
everywhere = pytest.mark.parametrize("enter", DIALECTS.values(), ids=DIALECTS)


def masked(answer: Answer, user: str) -> tuple[object, ...]:
    """Everything that came back, without the name that was asked with."""
    headers = [(name, value.replace(user, "USER")) for name, value in answer.headers if name != "Date"]
    return answer.status, headers, answer.body.replace(user.encode(), b"USER")


def let_in(answer: Answer) -> bool:
    return any(value.startswith("JSESSIONID=") for name, value in answer.headers if name == "Set-Cookie")


@everywhere
def test_wrong_key_and_unknown_account_get_the_same_answer(ctc_town: CtcTown, enter: Callable[[Box], Answer]) -> None:
    wrong = enter(ctc_town.box(password=WRONG))
    unknown = enter(ctc_town.box(user=NOBODY))
    right = enter(ctc_town.box())

    assert masked(wrong, USER) == masked(unknown, NOBODY)
    assert (let_in(wrong), let_in(unknown), let_in(right)) == (False, False, True)
    assert wrong.status == (400 if enter is enter_c else 200)


@everywhere
def test_an_account_without_a_password_is_nobodys(ctc_town: CtcTown, enter: Callable[[Box], Answer]) -> None:
    other = ctc_town.device(OTHER).id
    ctc_town.store.run_sync(lambda uow: uow.devices.set_iptv_password(other, ""))

    assert not let_in(enter(ctc_town.box(user=OTHER, password="")))


def test_the_pages_before_tell_nothing_either(ctc_town: CtcTown) -> None:
    for target in ("/EDS/jsp/AuthenticationURL?UserID={}", "/EPG/jsp/AuthenticationURL?UserID={}"):
        known, unknown = (ctc_town.box().get(target.format(user)) for user in (USER, NOBODY))
        assert masked(known, USER) == masked(unknown, NOBODY)
    pages = [ctc_town.box().post("/EPG/jsp/authLoginHWCTC.jsp", {"UserID": user}).text for user in (USER, NOBODY)]
    plain = {re.sub(r"[0-9A-F]{32}", "T", page).replace(USER, "U").replace(NOBODY, "U") for page in pages}

    assert len(plain) == 1


@everywhere
def test_another_accounts_authenticator_is_worth_nothing(ctc_town: CtcTown, enter: Callable[[Box], Answer]) -> None:
    thief = ctc_town.box(user=OTHER, password=PASSWORD)

    assert not let_in(enter(thief))


def test_an_authenticator_for_another_account_under_ones_own_key_is_worth_nothing(ctc_town: CtcTown) -> None:
    box = ctc_town.box()
    token = box.token()
    plain = ctc_town.box(user=OTHER).sealed(token)

    assert box.valid(token, Authenticator=plain).code == "0x11000001"
    assert box.valid(token, UserID=OTHER).code == "0x11000002"  # it has no token at all


def test_a_used_token_is_told_so_also_beside_fresh_ones(ctc_town: CtcTown) -> None:
    box = ctc_town.box()
    token = box.token()
    first, again = box.valid(token), box.valid(token)
    box.token()

    assert (first.code, again.code) == ("", "0x11000002")
    assert box.valid(token).code == "0x11000002"


def test_an_expired_token_is_told_so(ctc_town: CtcTown) -> None:
    box, nobody = ctc_town.box(), ctc_town.box(user=NOBODY)
    token, other = box.token(), nobody.token()
    ctc_town.clock.advance(300)

    assert box.valid(token).code == "0x11000002"
    assert nobody.valid(other).code == "0x11000002"


def test_a_failed_try_leaves_the_token_alive(ctc_town: CtcTown) -> None:
    box, wrong = ctc_town.box(), ctc_town.box(password=WRONG)
    token = box.token()

    assert wrong.valid(token).code == "0x11000001"
    assert box.valid(token).code == ""


@pytest.mark.parametrize("user", [USER, NOBODY])
def test_five_failures_lock_for_ten_minutes_whoever_it_is(ctc_town: CtcTown, user: str) -> None:
    wrong = ctc_town.box(user=user, password=WRONG)
    codes = [wrong.enter().code for _ in range(7)]

    assert codes == ["0x11000001"] * 5 + ["0x11000003"] * 2
    if user == USER:
        assert ctc_town.box().enter().code == "0x11000003"
    ctc_town.clock.advance(599)
    assert wrong.enter().code == "0x11000003"
    ctc_town.clock.advance(1)
    assert ctc_town.box(user=user).enter().code == ("" if user == USER else "0x11000001")


def test_a_good_log_in_begins_to_count_anew(ctc_town: CtcTown) -> None:
    wrong = ctc_town.box(password=WRONG)
    codes = []
    for _ in range(2):
        codes += [wrong.enter().code for _ in range(4)]
        codes.append(ctc_town.box().enter().code)

    assert codes == (["0x11000001"] * 4 + [""]) * 2


def test_failures_count_together_over_all_dialects(ctc_town: CtcTown) -> None:
    wrong = ctc_town.box(password=WRONG)
    for enter in (*DIALECTS.values(), enter_a):
        enter(wrong)

    assert ctc_town.box().enter().code == "0x11000003"


@pytest.mark.parametrize("blob", ["", "0", "G" * 16, "0" * 2048, "ABCD", "0" * 16, "0" * 240])
def test_what_is_no_authenticator_is_refused_and_counted(ctc_town: CtcTown, blob: str) -> None:
    box = ctc_town.box()
    codes = {box.valid(box.token(), Authenticator=blob).code for _ in range(5)}

    assert codes == {"0x11000001"}
    assert box.enter().code == "0x11000003"


def test_one_address_cannot_guess_for_ever_and_homes_behind_it_still_get_in(ctc_town: CtcTown) -> None:
    home = ctc_town.box()
    home.enter()
    home.get(CHANNELS)
    for number in range(110):
        ctc_town.box(user=f"guess{number}").enter()

    assert ctc_town.box(user="guess").enter().code == "0x1100000F"
    assert ctc_town.box(user=OTHER, password="87654321").enter().code == "0x1100000F"
    assert ctc_town.box().enter().code == ""
    assert ctc_town.box(user=OTHER, password="87654321", client="10.9.9.9").enter().code == ""


def test_a_blocked_box_and_an_ended_account_are_told_so_only_with_the_right_key(ctc_town: CtcTown) -> None:
    box, other = ctc_town.box(), ctc_town.box(user=OTHER, password="87654321")
    box.enter()
    now, mine, account = ctc_town.now(), ctc_town.device().id, ctc_town.device(OTHER).account_id
    ctc_town.store.run_sync(lambda uow: devices.set_state(uow, now, "test", mine, "blocked"))
    ended = Account(account or 0, "63001", "", "王秀兰", ends_at=datetime(2026, 1, 1, tzinfo=UTC))
    ctc_town.store.run_sync(lambda uow: uow.accounts.save(ended))

    assert (box.enter().code, other.enter().code) == ("0x11000005", "0x11000005")
    assert ctc_town.box(password=WRONG).enter().code == "0x11000001"
    page = box.get(CHANNELS)
    assert (page.code, "CTCSetConfig('Channel'" in page.text) == ("0x11000005", False)
    assert box.get("/EPG/jsp/iptvsnmv3/en/play/ajax/_ajax_getPlaybillList.jsp?channelId=801").status == 403


def test_a_retired_box_is_nobodys(ctc_town: CtcTown) -> None:
    now, mine = ctc_town.now(), ctc_town.device().id
    ctc_town.store.run_sync(lambda uow: devices.set_state(uow, now, "test", mine, "retired"))

    assert ctc_town.box().enter().code == "0x11000001"


@pytest.mark.parametrize(("strict", "code"), [(False, ""), (True, "0x11000004")])
def test_another_box_under_a_bound_account_is_logged_and_refused_when_strict(
    ctc_town_with: Callable[..., CtcTown], strict: bool, code: str
) -> None:
    town = ctc_town_with(strict=strict)
    town.box().enter()
    other = town.box(stb="00100399007068200001ACB1EE00AAAA", mac="AC:B1:EE:00:AA:AA")

    assert other.enter().code == code
    assert town.box().enter().code == ""
    mine = town.device().id
    clones = town.store.run_sync(lambda uow: uow.box_logs.clones(mine))
    assert {one.what for one in clones} == {"mac", "serial"}
    assert (town.device().serial, town.device().mac) == (STB, "AC:B1:EE:00:00:01")


def test_after_unbinding_the_next_box_is_bound(ctc_town_with: Callable[..., CtcTown]) -> None:
    town = ctc_town_with(strict=True)
    town.box().enter()
    now, mine = town.now(), town.device().id
    town.store.run_sync(lambda uow: devices.unbind(uow, now, "test", mine, household=False, identity=True))
    entered = town.box(stb="00100399007068200001ACB1EE00AAAA", mac="AC:B1:EE:00:AA:AA").enter()

    assert a4_form(entered.text)[1]["stbid"] == "00100399007068200001ACB1EE00AAAA"
    assert town.device().mac == "AC:B1:EE:00:AA:AA"


def test_failure_pages_have_words_one_thing_to_press_and_no_form(ctc_town: CtcTown) -> None:
    page = ctc_town.box(password=WRONG).enter().text

    assert "<form" not in page
    assert "账号或密码不对" in page
    assert re.findall(r'<a [^>]*href="([^"]*)"', page) == [f"/EPG/jsp/AuthenticationURL?UserID={USER}&amp;Action=Login"]
    assert "CTCSetConfig('Channel'" not in page


def test_without_a_session_there_are_no_channels(ctc_town: CtcTown) -> None:
    stranger = ctc_town.box(cookies={"JSESSIONID": "F" * 32})
    page = stranger.get(CHANNELS)

    assert (page.code, "CTCSetConfig('Channel'" in page.text) == ("0x11000002", False)
    with pytest.raises(AssertionError):
        a5_channels(page.text)


def test_while_the_store_does_not_answer_boxes_are_told_to_try_later(ctc_town: CtcTown) -> None:
    box = ctc_town.box()
    token = box.token()

    def down(*_: object, **__: object) -> "Deferred[object]":
        return fail(Busy("too many wait"))

    ctc_town.store.run = down  # type: ignore[method-assign, assignment]
    answers = [box.valid(token), box.post("/EPG/jsp/authLoginHWCTC.jsp", {"UserID": USER})]
    answers.append(box.get(CHANNELS, Cookie="JSESSIONID=" + "F" * 32))
    pages = [enter_c(box), box.get("/iptvepg/function/frame.jsp", Cookie="JSESSIONID=" + "F" * 32)]
    pages.append(box.get(f"/iptvepg/platform/getencrypttoken.jsp?UserID={USER}"))

    assert [one.code for one in answers] == ["0x1100000F"] * 3
    assert [one.status for one in pages] == [400, 200, 200]
    assert all("errorcode=0x1100000F" in one.text for one in pages[1:])


@pytest.fixture
def said() -> "Callable[[], str]":
    events: list[LogEvent] = []
    globalLogPublisher.addObserver(events.append)

    def text() -> str:
        globalLogPublisher.removeObserver(events.append)
        return "\n".join(str({key: value for key, value in one.items() if key != "log_logger"}) for one in events)

    return text


def test_no_secret_and_no_telephone_number_is_in_the_log(ctc_town: CtcTown, said: Callable[[], str]) -> None:
    secrets = [PASSWORD, WRONG]
    for enter in DIALECTS.values():
        for box in (ctc_town.box(), ctc_town.box(password=WRONG), ctc_town.box(user="13806336021")):
            answer = enter(box)
            secrets += re.findall(r"JSESSIONID=(\w+)", answer.header("Set-Cookie"))
    box = ctc_town.box()
    token = box.token()
    secrets += [token, box.sealed(token)]
    box.valid(token, mac="00:00:00:00:00:01", userToken="F" * 32)
    log = said()

    assert "refused" in log
    assert "mac, userToken" in log
    assert [one for one in [*secrets, "13806336021"] if one in log] == []


def test_unknown_and_wrong_cost_the_same_work(ctc_town: CtcTown, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[tuple[int, bool]] = []
    real = login_module.open_with

    def watched(blob: bytes, password: str, tokens: list[str], **more: str) -> object:
        tried.append((len(tokens), bool(password)))
        return real(blob, password, tokens, **more)

    monkeypatch.setattr(login_module, "open_with", watched)
    statements: list[str] = []
    engine = ctc_town.store._engines.reading
    event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    asked: dict[str, list[int]] = {USER: [], NOBODY: []}
    took: dict[str, list[float]] = {USER: [], NOBODY: []}
    for number in range(40):
        for user, times in took.items():
            ctc_town.clock.advance(601)
            box = ctc_town.box(user=user, password=WRONG, client=f"10.0.{number}.1")
            fields = box.fields(box.token())
            statements.clear()
            began = time.thread_time()
            box.post("/EPG/jsp/ValidAuthenticationHWCTC.jsp", fields)
            times.append(time.thread_time() - began)
            asked[user].append(len(statements))

    assert tried == [(1, True)] * 80
    assert asked[USER] == asked[NOBODY]
    known, unknown = (
        min(times) for times in took.values()
    )  # the least is what the work costs, the rest is the machine
    assert 0.5 < known / unknown < 2, (known, unknown)
