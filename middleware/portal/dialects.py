"""The boxes' own languages put together: the session core, signed links, logos, and an adapter for each dialect."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from attrs import evolve, field, frozen

from middleware import config
from middleware.portal.core.core import Core, CoreSettings
from middleware.portal.ctc.dialects import Ctc
from middleware.portal.ctc.settings import Settings as CtcSettings
from middleware.portal.logos import Logos
from middleware.portal.media import Media
from middleware.portal.ministra.api import Ministra, settings_of
from middleware.web.routes import Routes


@frozen
class DialectSettings:
    """Sections of the settings file; `logos` are shipped pictures by file name, `logo_folder` has the operator's."""

    devices: config.Devices = config.Devices()
    ministra: config.Ministra = config.Ministra()
    ctc: config.Ctc = config.Ctc()
    streams: config.Streams = config.Streams()
    public_url: str = ""
    logos: Mapping[str, bytes] = field(factory=dict)
    logo_folder: Path | None = None

    @property
    def core(self) -> CoreSettings:
        """What the core needs of them."""
        return CoreSettings(
            self.devices.unknown,
            self.devices.per_hour,
            self.ministra.watchdog_s,
            self.streams.open_s,
            self.streams.per_account,
        )


class Adapter(Protocol):
    """What answers under addresses of its own."""

    def routes(self, routes: Routes) -> None: ...


def adapters(core: Core, media: Media, key: bytes, settings: DialectSettings) -> tuple[Adapter, ...]:
    """All that is switched on; `key` signs the way of a box from its dialect to our pages."""
    made: list[Adapter] = [media.streams(core.links), Logos(settings.logo_folder, settings.logos)]
    if settings.ministra.enabled:
        made.append(Ministra(core, settings_of(settings.ministra, settings.devices, settings.public_url)))
    if settings.ctc.enabled:
        made.append(Ctc(core, evolve(ctc_settings(key, settings), sign=media.signer.signed)))
    return tuple(made)


def ctc_settings(key: bytes, settings: DialectSettings) -> CtcSettings:
    """What the operator has decided about CTC and CU boxes."""
    ctc = settings.ctc
    return CtcSettings(
        key,
        ctc.epg_host,
        ctc.epg_port,
        ctc.zte_port,
        ctc.salt,
        tuple(ctc.skins),
        ctc.frame,
        strict=settings.devices.binding == "strict",
        hotline=settings.devices.hotline,
        public_url=settings.public_url,
    )
