"""What use-cases ask of storage: one Protocol per noun, all reached through the unit of work.

A unit of work is one short transaction: everything asked of it happens or nothing does. Lists come back as tuples in
a fixed order; a thing that is not there is None, never an exception.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from attrs import AttrsInstance, frozen

from middleware.domain.articles import Article
from middleware.domain.devices import Device, Identities
from middleware.domain.places import Branch, Office, Village
from middleware.domain.registry import Household, HouseholdDraft, Member, MemberDraft, Staff


class Places(Protocol):
    """Villages, branches and offices, each in the order of their codes."""

    def villages(self) -> tuple[Village, ...]: ...

    def village(self, village_id: int) -> Village | None: ...

    def add_village(self, code: str, name: str, centre: bool = False) -> Village: ...

    def branches(self, village_id: int | None = None) -> tuple[Branch, ...]: ...

    def branch(self, branch_id: int) -> Branch | None: ...

    def add_branch(self, code: str, name: str, village_id: int | None = None) -> Branch: ...

    def offices(self) -> tuple[Office, ...]: ...

    def office(self, office_id: int) -> Office | None: ...

    def add_office(self, code: str, name: str, phone: str = "") -> Office: ...


class Registry(Protocol):
    """Households and members; phone numbers go in and out in clear here and nowhere else."""

    def household(self, household_id: int) -> Household | None: ...

    def households(self, village_id: int | None = None) -> tuple[Household, ...]: ...

    def households_by_code(self, codes: Collection[str]) -> Mapping[str, Household]: ...

    def add_households(self, drafts: Sequence[HouseholdDraft]) -> None: ...

    def update_households(self, changed: Sequence[Household]) -> None: ...

    def member(self, member_id: int) -> Member | None: ...

    def members(
        self, *, branch_id: int | None = None, village_id: int | None = None, active_only: bool = True
    ) -> tuple[Member, ...]: ...

    def members_of_household(self, household_id: int) -> tuple[Member, ...]: ...

    def members_by_code(self, codes: Collection[str]) -> Mapping[str, Member]: ...

    def by_phone(self, phone: str) -> Member | None: ...

    def by_phones(self, phones: Collection[str]) -> Mapping[str, Member]: ...

    def phone(self, member_id: int) -> str: ...

    def phones(self, member_ids: Collection[int]) -> Mapping[int, str]: ...

    def add_members(self, drafts: Sequence[MemberDraft]) -> None: ...

    def update_members(self, drafts: Mapping[int, MemberDraft]) -> None: ...


class StaffRoll(Protocol):
    """Those who may log in to the back office, with their password hashes."""

    def all(self) -> tuple[Staff, ...]: ...

    def get(self, staff_id: int) -> Staff | None: ...

    def by_login(self, login: str) -> Staff | None: ...

    def password(self, staff_id: int) -> str: ...

    def add(self, person: Staff, password: str) -> Staff: ...

    def save(self, person: Staff) -> None: ...

    def set_password(self, staff_id: int, password: str) -> None: ...


class Devices(Protocol):
    """Set-top boxes."""

    def get(self, device_id: int) -> Device | None: ...

    def all(self) -> tuple[Device, ...]: ...

    def matching(self, identities: Identities) -> tuple[Device, ...]: ...

    def of_households(self, household_ids: Collection[int]) -> tuple[Device, ...]: ...

    def add(self, device: Device, now: datetime) -> Device: ...

    def save(self, device: Device) -> None: ...

    def taught(self, device_id: int) -> Mapping[str, str]: ...

    def set_taught(self, device_id: int, keys: Mapping[str, str]) -> None: ...

    def iptv_password(self, device_id: int) -> str: ...

    def set_iptv_password(self, device_id: int, password: str) -> None: ...


class Articles(Protocol):
    """Articles of the boards; listings are newest first and hold only what the village may see now."""

    def get(self, article_id: int) -> Article | None: ...

    def listing(
        self, column: str, village_id: int | None, now: datetime, *, offset: int = 0, limit: int = 20
    ) -> tuple[Article, ...]: ...

    def count(self, column: str, village_id: int | None, now: datetime) -> int: ...

    def add(self, article: Article) -> Article: ...

    def save(self, article: Article) -> None: ...

    def remove(self, article_id: int) -> None: ...


@frozen
class OutboxEvent:
    """An event as written: `kind` is the name of its class, `body` its fields with instants as ISO text."""

    seq: int
    kind: str
    body: Mapping[str, Any]


class Outbox(Protocol):
    """Events that leave after the commit; `seq` rises in the order of commits, so a cursor misses nothing."""

    def add(self, event: AttrsInstance) -> None: ...

    def waiting(self, limit: int = 500) -> tuple[OutboxEvent, ...]: ...

    def after(self, seq: int, limit: int = 500) -> tuple[OutboxEvent, ...]: ...

    def last(self) -> int: ...

    def dispatched(self, seqs: Collection[int]) -> None: ...

    def prune(self, keep: int) -> int: ...


@frozen
class AuditEntry:
    """Who did what to which thing; `detail` never holds a phone number."""

    at: datetime
    actor: str
    verb: str
    noun: str
    noun_id: str
    detail: Mapping[str, Any]


class Audit(Protocol):
    """The log of what people did; written once, never changed."""

    def add(
        self,
        now: datetime,
        actor: str,
        verb: str,
        noun: str,
        noun_id: int | str,
        detail: Mapping[str, Any] | None = None,
    ) -> None: ...

    def entries(self, noun: str = "", noun_id: int | str = "", limit: int = 100) -> tuple[AuditEntry, ...]: ...


class Settings(Protocol):
    """Small JSON values by scope (`household:12`, `system`) and key."""

    def get(self, scope: str, key: str, default: Any = None) -> Any: ...

    def all(self, scope: str) -> Mapping[str, Any]: ...

    def put(self, scope: str, key: str, value: Any) -> None: ...

    def remove(self, scope: str, key: str) -> None: ...


class UnitOfWork(Protocol):
    """One short transaction over the whole store."""

    @property
    def places(self) -> Places: ...

    @property
    def registry(self) -> Registry: ...

    @property
    def staff(self) -> StaffRoll: ...

    @property
    def devices(self) -> Devices: ...

    @property
    def articles(self) -> Articles: ...

    @property
    def outbox(self) -> Outbox: ...

    @property
    def audit(self) -> Audit: ...

    @property
    def settings(self) -> Settings: ...
