"""The back office put together: every page and action under /admin/."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

import attrs
from attrs import frozen

from middleware.admin.accounts import AccountPages
from middleware.admin.air import AirPages
from middleware.admin.aliases import AliasPages
from middleware.admin.as_run import AsRunPages
from middleware.admin.customers import CustomerPages
from middleware.admin.device_files import DeviceFiles
from middleware.admin.device_page import DevicePage
from middleware.admin.devices import DevicePages, KeyCount
from middleware.admin.gate import Gate, Run
from middleware.admin.guide_snapshots import SnapshotPages
from middleware.admin.login import LogIn
from middleware.admin.members import MemberPages
from middleware.admin.messages import MessagePages
from middleware.admin.networks import NetworkPages, Sending
from middleware.admin.packages import PackagePages
from middleware.admin.pages import Pages, add_static
from middleware.admin.plan import PlanPages
from middleware.admin.plan_ask import PlanAsk
from middleware.admin.plan_setup import PlanSetup
from middleware.admin.plan_tv import PlanTv, Television
from middleware.admin.plan_views import PlanViews
from middleware.admin.rollcall import RollcallPages
from middleware.admin.rollcall_acts import RollcallActs
from middleware.admin.rollcall_files import RollcallFiles
from middleware.admin.rollcall_live import RollcallLive
from middleware.admin.rollcall_reviews import RollcallReviews
from middleware.admin.rollcall_trail import RollcallTrail
from middleware.admin.roster import RosterPages
from middleware.admin.sources import Fetching, SourcePages
from middleware.admin.start import StartPage
from middleware.web.routes import Routes

__all__ = ["KeyCount", "Office", "Sending"]


class Transactions(Protocol):
    """What is used of the store."""

    @property
    def run(self) -> Run: ...  # pragma: no cover


@frozen
class Office:
    """The back office.

    `key` signs sessions (`store.vault.signing_key("staff")`). `families` are name and title of every key family,
    `unknown_keys` gives the tally of unknown codes, the most frequent first. `secure` says that HTTPS stands before.
    `fetching` fetches sources of the guide, `on_air` tells of the carousels that are sent, `television` draws pages
    as boxes have them.
    """

    store: Transactions
    now: Callable[[], datetime]
    key: bytes = attrs.field(repr=False)
    town: str = "南湖镇"
    families: Sequence[tuple[str, str]] = ()
    unknown_keys: Callable[[], Sequence[KeyCount]] = tuple
    secure: bool = False
    secret: Callable[[], str] = secrets.token_urlsafe
    minutes: int = 30
    late_minutes: int = 10
    fetching: Fetching | None = None
    on_air: Callable[[], Sequence[Sending]] = tuple
    television: Television | None = None

    def routes(self, routes: Routes) -> None:
        """Add every address under /admin/."""
        pages = Pages(self.key, self.now, self.town, self.secure)
        gate = Gate(self.store.run, self.now, self.key, pages, routes)
        add_static(routes)
        door = LogIn(gate, self.secret)
        StartPage(gate)
        RollcallPages(gate, self.minutes, self.late_minutes)
        live = RollcallLive(gate)
        RollcallActs(gate, live)
        RollcallReviews(gate, live)
        RollcallTrail(gate)
        RollcallFiles(gate)
        MemberPages(gate)
        RosterPages(gate, self.secret)
        families = dict(self.families)
        DevicePages(gate, self.families, self.unknown_keys)
        DevicePage(gate, families)
        DeviceFiles(gate, families, self.secret)
        CustomerPages(gate)
        PackagePages(gate)
        PlanPages(gate)
        PlanAsk(gate)
        PlanSetup(gate)
        PlanViews(gate)
        PlanTv(gate, self.television)
        AirPages(gate)
        AsRunPages(gate)
        SnapshotPages(gate)
        SourcePages(gate, self.fetching)
        AliasPages(gate)
        NetworkPages(gate, self.on_air)
        MessagePages(gate)
        AccountPages(gate, door)
