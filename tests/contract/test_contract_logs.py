"""The audit log and small settings on both databases."""

from middleware.domain.errors import BadValue
from middleware.storage.store import Store
from tests.contract.small_town import MINUTE, NOW, PHONES, WANG


def test_the_newest_lines_come_first_of_all_one_noun_or_one_thing(store: Store) -> None:
    def write(uow):
        uow.audit.add(NOW, "cli", "open", "rollcall", 7, {"title": "主题党日"})
        uow.audit.add(NOW + MINUTE, "zuzhi", "close", "rollcall", 8)
        uow.audit.add(NOW + MINUTE, "zuzhi", "import", "roster", "名册.csv")

    store.run_sync(write)

    def verbs(*which: object, limit: int = 100) -> list[str]:
        found = store.run_sync(lambda uow: uow.audit.entries(*which, limit=limit), write=False)
        return [one.verb for one in found]

    assert verbs() == ["import", "close", "open"]
    assert verbs(limit=1) == ["import"]
    assert verbs("rollcall") == ["close", "open"]
    assert verbs("rollcall", 7) == ["open"]
    assert verbs("roster", "名册.csv") == ["import"]
    (line,) = store.run_sync(lambda uow: uow.audit.entries("rollcall", 7), write=False)
    assert (line.at, line.actor, line.noun_id, line.detail) == (NOW, "cli", "7", {"title": "主题党日"})


def test_what_looks_like_a_number_is_masked_wherever_it_stands(store: Store) -> None:
    phone = PHONES[WANG]
    spread = f"{phone[:3]} {phone[3:7]}-{phone[7:]}"
    detail = {"note": f"call {phone}, +86{phone}, {spread}", "list": [phone, {"deep": phone}], phone: 1}
    detail |= {"id": 138063360219, "count": int(phone), "none": None, "yes": True, "rate": 0.5}
    store.run_sync(lambda uow: uow.audit.add(NOW, "cli", "x", "y", 1, detail))
    (line,) = store.run_sync(lambda uow: uow.audit.entries("y"), write=False)

    assert line.detail == {
        "note": "call 138****6021, +86138****6021, 138****6021",
        "list": ["138****6021", {"deep": "138****6021"}],
        "138****6021": 1,
        "id": 138063360219,
        "count": "138****6021",
        "none": None,
        "yes": True,
        "rate": 0.5,
    }


def test_settings_are_kept_by_scope(store: Store) -> None:
    def write(uow):
        uow.settings.put("household:1", "mode", "large")
        uow.settings.put("household:1", "seen", [1, {"a": None}])
        uow.settings.put("household:2", "mode", "standard")
        uow.settings.put("household:1", "mode", "standard")

    store.run_sync(write)

    def read(uow):
        found = dict(uow.settings.all("household:1"))
        return found, uow.settings.get("household:2", "mode"), uow.settings.get("household:3", "mode", "?")

    assert store.run_sync(read, write=False) == ({"mode": "standard", "seen": [1, {"a": None}]}, "standard", "?")
    store.run_sync(lambda uow: uow.settings.remove("household:1", "mode"))
    assert store.run_sync(lambda uow: dict(uow.settings.all("household:1")), write=False) == {"seen": [1, {"a": None}]}


def test_a_nul_in_a_text_is_refused_or_kept_but_never_a_fault_of_ours(store: Store) -> None:
    try:
        store.run_sync(lambda uow: uow.settings.put("scope", "nul\0key", 1))
        kept = store.run_sync(lambda uow: uow.settings.get("scope", "nul\0key"), write=False)
    except BadValue as refused:
        kept = refused.code

    assert kept in {1, "unstorable"}
