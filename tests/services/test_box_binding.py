"""Who a box is: one live token of a kind, pins, identities bound at the first log-in, audited release, standing."""

from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from middleware.domain.accounts import Account
from middleware.domain.box_logs import Clone
from middleware.domain.devices import Device
from middleware.domain.errors import BadValue, NotFound
from middleware.services import accounts, devices, sessions
from middleware.services.standing import BLOCKED, EXPIRED, LOGIN, PENDING, Standing
from middleware.storage.store import Store
from tests.contract.small_town import MINUTE, NOW, SmallTown

MAC, OTHER_MAC = "00:1A:79:00:00:01", "00:1A:79:00:00:02"


def _box(store: Store, **fields: Any) -> int:
    return store.run_sync(lambda uow: uow.devices.add(Device(0, **fields), NOW)).id


def _get(store: Store, box: int) -> Device:
    found = store.run_sync(lambda uow: uow.devices.get(box), write=False)
    assert found is not None
    return found


def _clones(store: Store, box: int) -> list[tuple[str, str, str]]:
    found = store.run_sync(lambda uow: uow.box_logs.clones(box), write=False)
    return [(one.what, one.first, one.second) for one in found]


def test_only_the_last_token_of_a_kind_lives(store: Store, town: SmallTown) -> None:
    box = town.boxes["01001"]
    for token in ("first", "second"):
        store.run_sync(lambda uow, token=token: sessions.bind(uow, NOW, box, "ministra", token))
    store.run_sync(lambda uow: sessions.bind_pair(uow, NOW, box, "J", "U"))

    live = store.run_sync(
        lambda uow: {
            one: sessions.of(uow, kind, one) is not None
            for kind, one in (("ministra", "first"), ("ministra", "second"), ("jsession", "J"), ("usertoken", "U"))
        }
    )
    assert live == {"first": False, "second": True, "J": True, "U": True}
    assert store.run_sync(lambda uow: sessions.of(uow, "usertoken", "J")) is None
    assert store.run_sync(lambda uow: sessions.end(uow, NOW, box)) == 3
    assert store.run_sync(lambda uow: sessions.of(uow, "ministra", "second")) is None


def test_a_token_tells_the_box_and_its_account(store: Store, town: SmallTown) -> None:
    account = store.run_sync(lambda uow: accounts.add(uow, NOW, "op", Account(0, "1")))
    store.run_sync(lambda uow: accounts.tie(uow, NOW, "op", town.boxes["01001"], account.id))
    store.run_sync(lambda uow: sessions.bind(uow, NOW, town.boxes["01001"], "ministra", "T"))

    token, device, held = store.run_sync(lambda uow: sessions.of(uow, "ministra", "T"), write=False)
    assert (token.issued, device.id, held) == (NOW, town.boxes["01001"], account)


@pytest.mark.parametrize("token", ["", "x" * 257])
def test_no_token_is_empty_or_endless(store: Store, town: SmallTown, token: str) -> None:
    with pytest.raises(BadValue):
        store.run_sync(lambda uow: sessions.bind(uow, NOW, town.boxes["01001"], "ministra", token))

    assert store.run_sync(lambda uow: sessions.of(uow, "ministra", token)) is None


def test_the_first_pin_is_kept_and_no_other_passes(store: Store) -> None:
    box = _box(store, mac=MAC)
    offered = ["", "A" * 64, "A" * 64, "B" * 64, "", "B" * 64]

    told = [store.run_sync(lambda uow, pin=pin: devices.check_pin(uow, NOW, box, pin)) for pin in offered]

    assert told == [True, True, True, False, False, False]
    assert _get(store, box).pin == "A" * 64
    assert _clones(store, box) == [("pin", "A" * 16, ""), ("pin", "A" * 16, "B" * 16)], "each once a day"


def test_a_reset_lets_the_next_pin_in_and_is_audited(store: Store) -> None:
    box = _box(store, mac=MAC, pin="old")
    store.run_sync(lambda uow: devices.reset_pin(uow, NOW, "op", box))
    assert store.run_sync(lambda uow: devices.check_pin(uow, NOW, box, "new"))

    store.run_sync(lambda uow: devices.reset_pin(uow, NOW, "op", box, pinning=False))
    assert [store.run_sync(lambda uow, pin=pin: devices.check_pin(uow, NOW, box, pin)) for pin in ("x", "y")] == [
        True
    ] * 2
    verbs = store.run_sync(lambda uow: [(one.actor, one.verb) for one in uow.audit.entries("device", box)])
    assert verbs == [("op", "reset_pin")] * 2


def test_signs_of_clones_do_not_fill_the_disk(store: Store) -> None:
    box = _box(store, mac=MAC)
    for number in range(50):
        clone = Clone(NOW + number * timedelta(seconds=1), box, "address", "10.0.0.1", f"10.1.0.{number}")
        store.run_sync(lambda uow, clone=clone: devices.note_clone(uow, clone))
    assert len(_clones(store, box)) == 20

    late = Clone(NOW + timedelta(hours=2), box, "address", "10.0.0.1", "10.9.0.1")
    store.run_sync(lambda uow: devices.note_clone(uow, late))
    assert len(_clones(store, box)) == 21


def test_the_first_log_in_binds_and_a_mismatch_is_flagged(store: Store) -> None:
    box = _box(store, iptv_user="063300001")
    bind = {"mac": "001a79000001", "serial": "STB-1"}
    assert store.run_sync(lambda uow: devices.bind_identity(uow, NOW, box, **bind, strict=True))
    assert (_get(store, box).mac, _get(store, box).serial) == (MAC, "STB-1")

    other = {"mac": OTHER_MAC, "serial": "STB-1"}
    warned = store.run_sync(lambda uow: devices.bind_identity(uow, NOW, box, **other, strict=False))
    refused = store.run_sync(lambda uow: devices.bind_identity(uow, NOW, box, **other, strict=True))
    silent = store.run_sync(lambda uow: devices.bind_identity(uow, NOW, box, mac="", serial="STB-1", strict=True))
    assert (warned, refused, silent) == (True, False, False)
    assert _get(store, box).mac == MAC
    assert _clones(store, box) == [("mac", MAC, OTHER_MAC)]


def test_a_name_that_belongs_to_another_box_is_not_taken(store: Store) -> None:
    _box(store, mac=MAC)
    box = _box(store, iptv_user="063300001")

    assert store.run_sync(lambda uow: devices.bind_identity(uow, NOW, box, mac=MAC, strict=False))
    assert not store.run_sync(lambda uow: devices.bind_identity(uow, NOW, box, mac=MAC, strict=True))
    assert _get(store, box).mac == ""
    assert _clones(store, box) == [("mac", "", MAC)]


def test_what_is_no_mac_and_no_number_counts_as_not_told(store: Store) -> None:
    box = _box(store, iptv_user="063300001")

    assert store.run_sync(lambda uow: devices.bind_identity(uow, NOW, box, mac="undefined", serial="a b", strict=True))
    assert (_get(store, box).mac, _get(store, box).serial) == ("", "")


def test_releasing_a_box_ends_its_log_ins_and_is_audited(store: Store, town: SmallTown) -> None:
    account = store.run_sync(lambda uow: accounts.add(uow, NOW, "op", Account(0, "1"))).id
    home = town.homes["01002"]
    box = _box(store, iptv_user="u", mac=MAC, household_id=home, account_id=account, state="active", pin="P")
    store.run_sync(lambda uow: sessions.bind_pair(uow, NOW, box, "J", "U"))

    store.run_sync(lambda uow: devices.unbind(uow, NOW, "op", box, household=False, identity=True))
    found = _get(store, box)
    assert (found.mac, found.pin, found.household_id, found.state) == ("", "", home, "active"), "a new set may come"
    assert store.run_sync(lambda uow: sessions.of(uow, "jsession", "J")) is None

    store.run_sync(lambda uow: devices.unbind(uow, NOW, "op", box))
    found = _get(store, box)
    assert (found.household_id, found.account_id, found.state) == (None, None, "pending")
    entry = store.run_sync(lambda uow: uow.audit.entries("device", box, 5), write=False)
    assert {(one.actor, one.verb) for one in entry} == {("op", "unbind")}
    assert entry[-1].detail["was"] == {"mac": MAC}


def test_a_box_never_loses_its_only_name(store: Store) -> None:
    box = _box(store, mac=MAC, state="blocked")

    store.run_sync(lambda uow: devices.unbind(uow, NOW, "op", box, identity=True))

    assert (_get(store, box).mac, _get(store, box).state) == (MAC, "blocked")


def test_a_code_is_found_again_and_a_slip_is_noticed(store: Store) -> None:
    box = _get(store, _box(store, mac=MAC))
    code = devices.code_of(box)
    assert store.run_sync(lambda uow: devices.by_code(uow, f" {code.replace('-', ' ')}"), write=False) == box

    last = (int(code[-1]) + 1) % 10
    for wrong in (f"{code[:-1]}{last}", "", "x", "1" * 40):
        with pytest.raises(BadValue):
            store.run_sync(lambda uow, wrong=wrong: devices.by_code(uow, wrong), write=False)
    unknown = devices.code_of(attrs.evolve(box, id=90_000))
    with pytest.raises(NotFound):
        store.run_sync(lambda uow: devices.by_code(uow, unknown), write=False)


@given(st.integers(1, 10**7), st.integers(0, 7), st.integers(1, 9))
def test_every_single_slip_in_a_code_breaks_its_check_digit(number: int, at: int, off: int) -> None:
    code = devices.code_of(Device(number)).replace("-", "")
    at %= len(code) - 1
    slipped = code[:at] + str((int(code[at]) + off) % 10) + code[at + 1 :]

    assert slipped[0] == "0" or devices.code_of(Device(int(slipped[:-1]) - 10_000))[-1] != slipped[-1]


def test_what_a_box_tells_of_its_make_is_bounded_and_written_once(store: Store) -> None:
    box = _box(store, mac=MAC)
    store.run_sync(lambda uow: devices.note_model(uow, box, "MAG250\x00" + "x" * 900, "216\n"))
    events = store.run_sync(lambda uow: uow.outbox.last(), write=False)
    assert (len(_get(store, box).model), _get(store, box).version) == (64, "216")

    store.run_sync(lambda uow: devices.note_model(uow, box, "", "216"))
    store.run_sync(lambda uow: devices.remember_scheme(uow, box, "des8"))
    store.run_sync(lambda uow: devices.remember_scheme(uow, box, "des8"))
    assert store.run_sync(lambda uow: uow.outbox.last(), write=False) == events + 1


def test_group_note_and_card_are_the_operators_to_write(store: Store) -> None:
    box = _box(store, card_no="C1")
    store.run_sync(lambda uow: devices.set_group(uow, NOW, "op", box, " 试点 "))
    store.run_sync(lambda uow: devices.set_note(uow, NOW, "op", box, "找老王 13806336021"))
    store.run_sync(lambda uow: devices.set_services(uow, NOW, "op", box, False))
    store.run_sync(lambda uow: devices.confirm(uow, NOW, "op", box))

    found = _get(store, box)
    assert (found.group, found.services_on, found.confirmed) == ("试点", False, True)
    audit = store.run_sync(lambda uow: uow.audit.entries("device", box), write=False)
    assert [one.verb for one in audit] == ["confirm", "services", "note", "group"]
    assert "13806336021" not in str(audit)
    with pytest.raises(BadValue):
        store.run_sync(lambda uow: devices.set_group(uow, NOW, "op", box, "长" * 33))


@pytest.mark.parametrize(
    ("state", "account", "login", "expected"),
    [
        ("active", None, False, Standing("active")),
        ("pending", None, False, Standing("pending", PENDING)),
        ("pending", None, True, Standing("login", LOGIN)),
        ("blocked", None, True, Standing("blocked", BLOCKED)),
        ("retired", Account(1, "1"), False, Standing("blocked", BLOCKED)),
        ("active", Account(1, "1"), False, Standing("active")),
        ("active", Account(1, "1", on=False), False, Standing("blocked", BLOCKED)),
        ("pending", Account(1, "1", on=False, block_text="欠费停机"), True, Standing("blocked", "欠费停机")),
        ("active", Account(1, "1", ends_at=NOW), False, Standing("expired", EXPIRED)),
        ("active", Account(1, "1", ends_at=NOW + MINUTE), False, Standing("active")),
    ],
)
def test_standing_follows_the_box_and_its_account(
    state: Any, account: Account | None, login: bool, expected: Standing
) -> None:
    assert devices.standing_of(NOW, Device(1, mac=MAC, state=state), account, login=login) == expected


def test_standing_is_read_from_the_store_too(store: Store, town: SmallTown) -> None:
    account = store.run_sync(lambda uow: accounts.add(uow, NOW, "op", Account(0, "1", on=False)))
    store.run_sync(lambda uow: accounts.tie(uow, NOW, "op", town.boxes["01001"], account.id))

    found = store.run_sync(lambda uow: devices.standing(uow, NOW, uow.devices.get(town.boxes["01001"])), write=False)
    assert found == Standing("blocked", BLOCKED)
