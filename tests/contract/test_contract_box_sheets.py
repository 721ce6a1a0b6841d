"""What management asks of both databases: sheets of boxes, deliveries, numbers and passwords of many at once."""

from datetime import timedelta

from middleware.domain.accounts import Account
from middleware.domain.box_events import Delivery
from middleware.services import accounts, box_events
from middleware.services import device_sheet as sheets
from middleware.services.box_batches import batches
from middleware.storage.store import Store
from tests.contract.small_town import MINUTE, NOW, settle

FAMILIES = {"ipanel": "iPanel 遥控器"}
ROWS = b"""MAC,Serial,IPTV user,IPTV password,Household,Group,State
00:1A:79:01:00:01,N-1,u1,secret-1,01001,hall,
00:1A:79:01:00:02,N-2,u2,secret-2,,,blocked
"""


def _imported(store: Store, rows: bytes = ROWS) -> sheets.Plan:
    sheet = sheets.read_boxes(rows, "boxes.csv")
    planned = store.run_sync(lambda uow: sheets.plan_import(uow, sheet, FAMILIES), write=False)
    return store.run_sync(lambda uow: sheets.apply_import(uow, NOW, "cli", planned, FAMILIES))


def test_boxes_come_in_with_their_passwords_and_go_out_without(store: Store) -> None:
    settle(store)
    done = _imported(store)

    boxes = {box.mac: box for box in store.run_sync(lambda uow: uow.devices.all(), write=False)}
    first, second = boxes["00:1A:79:01:00:01"], boxes["00:1A:79:01:00:02"]
    assert (len(done.added), first.group, first.state, second.state) == (2, "hall", "active", "blocked")
    assert store.run_sync(lambda uow: uow.devices.iptv_password(second.id), write=False) == "secret-2"
    exported = store.run_sync(lambda uow: sheets.export_boxes(uow, NOW, "cli"))
    assert "secret" not in str(exported.rows)


def test_the_same_sheet_and_an_export_change_nothing_more(store: Store) -> None:
    settle(store)
    _imported(store)
    exported = store.run_sync(lambda uow: sheets.export_boxes(uow, NOW, "cli"))

    for rows in (ROWS, sheets.boxes_bytes(exported, "csv"), sheets.boxes_bytes(exported, "xlsx")):
        again = _imported(store, rows)
        assert (again.added, again.changed) == ((), ())


def test_each_changed_box_is_told_to_a_running_server_and_audited_without_its_password(store: Store) -> None:
    settle(store)
    _imported(store)
    last = store.run_sync(lambda uow: uow.outbox.last(), write=False)
    _imported(store, ROWS.replace(b"secret-1", b"secret-9").replace(b"hall", b"room"))

    box = next(one for one in store.run_sync(lambda uow: uow.devices.all(), write=False) if one.serial == "N-1")
    events = store.run_sync(lambda uow: uow.outbox.after(last), write=False)
    (entry, *_) = store.run_sync(lambda uow: uow.audit.entries("device", box.id), write=False)
    assert [(one.kind, one.body) for one in events] == [("DeviceChanged", {"device": box.id})]
    assert (entry.verb, entry.detail) == ("import", {"group": "room", "iptv_password": "new"})


def test_how_far_a_batch_has_come_is_counted(store: Store) -> None:
    town = settle(store)
    box = town.boxes["01001"]
    sent = store.run_sync(lambda uow: box_events.queue(uow, NOW, "cli", "all", "send_msg", msg="停水"))
    count = len(sent.devices)
    event = store.run_sync(lambda uow: box_events.next_for(uow, NOW, box))
    assert event is not None
    store.run_sync(lambda uow: box_events.confirm(uow, NOW + MINUTE, box, event.id))

    found = store.run_sync(lambda uow: uow.box_events.deliveries([sent.batch, "gone"]), write=False)

    assert found == {sent.batch: Delivery("停水", count, 1, 1, NOW + timedelta(days=7))}
    (batch,) = store.run_sync(lambda uow: batches(uow, NOW), write=False)
    assert (batch.target, batch.boxes, batch.confirmed, batch.waiting) == ("all", count, 1, count > 1)
    assert not store.run_sync(lambda uow: batches(uow, NOW + timedelta(days=8)), write=False)[0].waiting


def test_numbers_of_many_accounts_are_read_at_once(store: Store) -> None:
    settle(store)
    made = [
        store.run_sync(lambda uow, n=n: accounts.add(uow, NOW, "cli", Account(0, f"A-{n}"), phone=f"1380633000{n}"))
        for n in range(3)
    ]
    store.run_sync(lambda uow: uow.accounts.set_phone(made[2].id, ""))

    found = store.run_sync(lambda uow: uow.accounts.phones([one.id for one in made]), write=False)

    assert found == {made[0].id: "13806330000", made[1].id: "13806330001"}
    assert store.run_sync(lambda uow: uow.accounts.phones([]), write=False) == {}


def test_a_balance_goes_with_its_account(store: Store) -> None:
    settle(store)
    made = store.run_sync(lambda uow: accounts.add(uow, NOW, "cli", Account(0, "A-1")))
    store.run_sync(lambda uow: accounts.set_balance(uow, NOW, "cli", made.id, "12.50"))
    before = store.run_sync(accounts.balances, write=False)
    store.run_sync(lambda uow: accounts.remove(uow, NOW, "cli", made.id))

    assert (before, store.run_sync(accounts.balances, write=False)) == ({str(made.id): "12.50"}, {})
