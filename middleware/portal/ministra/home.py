"""What belongs to one box and its account: settings, reminders, saved lists, account, poll (§4, §6)."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from attrs import evolve

from middleware.domain.errors import DomainError, StorageError
from middleware.domain.packages import held
from middleware.portal.core.core import Core
from middleware.portal.ministra import account_info, guide
from middleware.portal.ministra import reminders as rows
from middleware.portal.ministra.ask import Answer, Ask
from middleware.portal.ministra.drawers import Drawers
from middleware.portal.ministra.prefs import BLOBS, with_aspect
from middleware.portal.ministra.settings import Settings
from middleware.portal.ministra.television import Boards
from middleware.portal.ministra.wire import EMPTY_LIST, FALSE, TRUE, Ready, page, reply, text, whole
from middleware.portal.ministra.zones import epoch
from middleware.portal.ports import Work
from middleware.services import reminders
from middleware.services.ports import UnitOfWork

_ASPECTS: Final = 1 << 10
_FIELD: Final = {"media_favorites": "favorites", "downloads": "downloads"}
"""The parameter that holds what is saved."""


class Home:
    """Answers about a box itself."""

    def __init__(self, core: Core, settings: Settings, boards: Boards, drawers: Drawers) -> None:
        self._core = core
        self._settings = settings
        self._boards = boards
        self._drawers = drawers

    def table_stb(self) -> dict[str, Answer]:
        """Actions of stb by name."""
        return {
            "check_portal_status": FALSE if self._settings.maintenance else TRUE,
            "get_preload_images": EMPTY_LIST,
            "get_storages": EMPTY_LIST,
            "get_ad": EMPTY_LIST,
            "get_tv_aspects": self.aspects,
            "set_volume": self.set_volume,
            "set_aspect": self.set_aspect,
            "set_clock_on_video": TRUE,
            "logout": TRUE,
        }

    def table_reminders(self) -> dict[str, Answer]:
        """Actions of tvreminder by name."""
        return {"get_all_active": self.reminders, "add": self.remind, "del": self.forget_reminder}

    def table_account_info(self) -> dict[str, Answer]:
        """Actions of account_info by name."""
        told = {name: reply(told) for name, told in account_info.texts(self._settings.hotline).items()}
        return {"get_main_info": self.main_info, "get_user_packages": self.packages, **told}

    def table_account(self) -> dict[str, Answer]:
        """Actions of account by name: nothing is sold here."""
        told = reply(account_info.no_sale(self._settings.hotline))
        names = ("subscribe_to_package", "unsubscribe_from_package", "check_price", "rent_video")
        return dict.fromkeys(names, told)

    def tables_saved(self) -> Mapping[str, dict[str, Answer]]:
        """media_favorites and downloads by name."""
        return {name: {"get_all": partial(self.saved, name), "save": partial(self.save, name)} for name in BLOBS}

    # --- settings of the box ---

    async def aspects(self, ask: Ask) -> Ready:
        """get_tv_aspects: by channel."""
        return reply({**(await self._drawers.of(ask.session.device.id)).aspects})

    async def set_volume(self, ask: Ask) -> Ready:
        """set_volume."""
        volume = str(whole(ask.values, "vol", 70, 0, 100))
        await self._drawers.change(ask.session.device.id, lambda prefs: evolve(prefs, volume=volume))
        return TRUE

    async def set_aspect(self, ask: Ask) -> Ready:
        """set_aspect: of a channel, or of the box when no channel is named."""
        channel, aspect = whole(ask.values, "ch_id"), whole(ask.values, "aspect", 16, 0, _ASPECTS)
        await self._drawers.change(
            ask.session.device.id,
            lambda prefs: with_aspect(prefs, channel, aspect) if channel else evolve(prefs, aspect=str(aspect)),
        )
        return TRUE

    async def saved(self, name: str, ask: Ask) -> Ready:
        """get_all: the text as the box saved it."""
        return reply(await self._drawers.blob(ask.session.device.id, name))

    async def save(self, name: str, ask: Ask) -> Ready:
        """save."""
        kept = await self._drawers.save_blob(ask.session.device.id, name, ask.values.get(_FIELD[name], ""))
        return TRUE if kept else FALSE

    # --- reminders ---

    async def reminders(self, ask: Ask) -> Ready:
        """get_all_active."""
        mine = await self._drawers.reminders(ask.session.device.id)
        line_up = await self._boards.of(ask.session.entitled)
        names = {one.channel.id: one.row["name"] for one in line_up.listed}
        return reply(rows.rows(mine, names, ask.here))

    async def remind(self, ask: Ask) -> Ready:
        """add: of a programme that is still to come."""
        named = guide.read_real_id(text(ask.values, "program_id", 40))
        if named is None or (await self._boards.of(ask.session.entitled)).find(named[0]) is None:
            return FALSE
        channel, start = named
        now, device, title = self._core.now(), ask.session.device.id, text(ask.values, "program_name", 200)
        fires = epoch(whole(ask.values, "fire_ts")) or start

        def put(uow: UnitOfWork) -> None:
            reminders.put(uow, now, device, channel, start, title=title, fires=min(fires, start))

        return await self._written(device, put)

    async def forget_reminder(self, ask: Ask) -> Ready:
        """del."""
        named = guide.read_real_id(text(ask.values, "program_id", 40))
        if named is None:
            return FALSE
        now, device = self._core.now(), ask.session.device.id
        return await self._written(device, lambda uow: reminders.remove(uow, now, device, *named))

    async def _written(self, device: int, work: Work) -> Ready:
        try:
            await self._drawers.set_reminders(device, work)
        except StorageError:
            raise
        except DomainError:
            return FALSE
        return TRUE

    # --- account ---

    async def main_info(self, ask: Ask) -> Ready:
        """get_main_info."""
        account, mac = ask.session.account, ask.session.device.mac
        zone, on = ask.here.key, ask.session.active
        if account is None:
            return reply(account_info.main_info(mac, None, zone=zone, on=on))

        def read(uow: UnitOfWork) -> tuple[str, str]:
            tariffs = {one.id: one.name for one in uow.packages.tariffs()}
            return uow.accounts.phone(account.id), tariffs.get(account.tariff_id or 0, "")

        phone, tariff = await self._core.read(read, "account of a box")
        return reply(account_info.main_info(mac, account, phone=phone, tariff=tariff, zone=zone, on=on))

    async def packages(self, ask: Ask) -> Ready:
        """get_user_packages."""
        every, grants = await self._core.read(lambda uow: (uow.packages.all(), uow.packages.grants()), "packages")
        mine = {one.id for one in held(every, grants, ask.session.where)}
        return reply(account_info.package_list(every, mine, page(ask.values)))
