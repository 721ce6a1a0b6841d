"""Head-end networks: the profile of each, what it would send before it is saved, and what is sent now."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote

from attrs import frozen

from epg.si.network import Network
from middleware.admin import roles
from middleware.admin.gate import Desk, Gate, told
from middleware.domain.errors import BadValue, NotFound
from middleware.services import service_information as use
from middleware.services.ports import UnitOfWork
from middleware.web.values import Response

MOST_SENT: Final = 2 * use.LARGEST
"""Bytes of a form: the profile with its Chinese as a form writes it."""
RANKS: Final = {
    0: "当前和后续、时间、频道表",
    1: "他流的频道表",
    2: "本流前几天",
    3: "他流前几天",
    4: "本流后面几天",
    5: "他流后面几天",
}
BLANK: Final = """name = ""
onid = 1
network_id = 1
ts_id = 1

[[services]]
channel = ""
service_id = 1
ts_id = 1

[output]
address = ""
rate = 2_000_000
"""


@frozen
class Sending:
    """A carousel on the air: datagrams sent, refused by the network, and new beginnings after a pause."""

    name: str
    address: str
    rate: int
    sent: int
    refused: int
    restarted: int


class NetworkPages:
    """/admin/networks. `on_air` gives the running server's carousels."""

    def __init__(self, gate: Gate, on_air: Callable[[], Sequence[Sending]]) -> None:
        self._gate = gate
        self._on_air = on_air
        gate.get("/admin/networks", self._list, *roles.NETWORKS)
        gate.get("/admin/networks/new", self._new, *roles.NETWORKS)
        gate.get("/admin/networks/of/", self._show, *roles.NETWORKS)
        gate.post("/admin/networks/save", self._save, *roles.NETWORKS, max_body=MOST_SENT)
        gate.post("/admin/networks/remove", self._remove, *roles.NETWORKS)

    async def _list(self, desk: Desk) -> Response:
        stored = await self._gate.run(lambda uow: uow.service_information.networks(), "networks", write=False)
        sending = {one.name: one for one in self._on_air()}
        return self._gate.pages.show(desk.viewer, "networks.html", networks=stored, sending=sending)

    async def _new(self, desk: Desk) -> Response:
        return self._page(desk, {"name": "", "toml": BLANK, "active": False})

    async def _show(self, desk: Desk) -> Response:
        name = unquote(desk.rest)[:80]

        def read(uow: UnitOfWork) -> Mapping[str, Any]:
            found = next((one for one in uow.service_information.networks() if one.name == name), None)
            if found is None:
                raise NotFound("没有这个网络", "no_network")
            return {"name": found.name, "toml": found.toml, "active": found.active}

        return self._page(desk, await self._gate.run(read, "network", write=False))

    def _page(self, desk: Desk, typed: Mapping[str, Any], message: str = "", **facts: Any) -> Response:
        sending = next((one for one in self._on_air() if one.name == typed["name"]), None)
        shown = {"preview": None, "network": None} | facts
        return self._gate.pages.show(
            desk.viewer, "network.html", 422 if message else 200, typed=typed, message=message, ranks=RANKS,
            sending=sending, **shown,
        )  # fmt: skip

    async def _save(self, desk: Desk) -> Response:
        """Show what a profile leads to; with do=save it is kept as well."""
        form, now, who = desk.form, self._gate.now(), desk.staff.login
        typed: dict[str, Any] = {
            "name": form.get("name", "")[:80],
            "toml": form.get("toml", ""),
            "active": form.get("active") == "1",
        }
        try:
            network = use.read_profile(typed["toml"])
            _same(typed["name"], network)
        except BadValue as error:
            return self._page(desk, typed, error.message_zh)
        if form.get("do") != "save":
            preview = await self._gate.run(lambda uow: use.preview(uow, now, network), "preview network", write=False)
            return self._page(desk, typed, preview=preview, network=network)
        return await self._kept(desk, typed, now, who, network)

    async def _kept(self, desk: Desk, typed: Mapping[str, Any], now: datetime, who: str, network: Network) -> Response:
        def act(uow: UnitOfWork) -> None:
            if not typed["name"] and any(one.name == network.name for one in uow.service_information.networks()):
                raise BadValue("network", f"已经有名为“{network.name}”的网络")
            use.save(uow, now, who, typed["toml"], active=typed["active"])

        try:
            await self._gate.run(act, "save network")
        except BadValue as error:
            return self._page(desk, typed, error.message_zh)
        return self._gate.pages.go("/admin/networks", "已保存，开始发送" if typed["active"] else "已保存，没有发送")

    async def _remove(self, desk: Desk) -> Response:
        name, now, who = desk.form.get("name", "")[:80], self._gate.now(), desk.staff.login
        await self._gate.run(lambda uow: use.remove(uow, now, who, name), "remove network")
        return told(self._gate.pages, desk, "/admin/networks", "网络已删除")


def _same(name: str, network: Network) -> None:
    """A stored profile keeps its name: ids and versions that went out are counted under it."""
    if name and network.name != name:
        raise BadValue("network", f"名称不能改：配置里写的是 {network.name}，这里是 {name}。要换名称请新建一个")
