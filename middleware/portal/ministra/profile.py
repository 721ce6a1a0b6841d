"""get_profile: what a box needs to boot to a picture, and the words for those that are turned away (§3)."""

import zlib
from collections.abc import Mapping
from html import escape
from typing import Final, Literal

from attrs import frozen

from middleware.domain.devices import Device
from middleware.portal.ministra import words
from middleware.portal.ministra.prefs import Prefs
from middleware.portal.ministra.wire import Row, numeral
from middleware.services.devices import code_of

GUIDE_HOURS: Final = 5
GUIDE_SPREAD_S: Final = 600
PINS: Final[Mapping[str, str]] = {"parent_password": "0000", "settings_password": "0000"}
"""Checked in the box alone; what is to be protected is not in its lists (portal-ministra.md §8)."""
Refusal = Literal["blocked", "expired", "pending", "unknown", "mismatch", "mac", "closed", "busy"]
_WHY: Final[Mapping[Refusal, str]] = {
    "blocked": words.BLOCKED,
    "expired": words.EXPIRED,
    "pending": words.PENDING,
    "unknown": words.UNKNOWN,
    "mismatch": words.MISMATCH,
    "mac": words.BAD_MAC,
    "closed": words.CLOSED,
    "busy": words.BUSY,
}


@frozen
class Asked:
    """What a profile is made for: the MAC, seconds between polls, and the language and zone that the box told."""

    mac: str
    watchdog_s: int
    lang: str = "zh"
    zone: str = "Asia/Shanghai"


def spread(mac: str) -> int:
    """A number that stays with a MAC and is even over many of them."""
    return zlib.crc32(mac.encode())


def timing(asked: Asked) -> Row:
    """When to poll; in every profile, since a box that is turned away polls too."""
    return {
        "watchdog_timeout": asked.watchdog_s,
        "timeslot": 60 + spread(asked.mac) % 60,
        "timeslot_ratio": spread(asked.mac) % 1000 / 1000,
        "epg_update_time_range": GUIDE_SPREAD_S,
        "epg_data_block_period_for_stb": GUIDE_HOURS,
    }


def served(asked: Asked, device: Device, prefs: Prefs, *, pins: bool) -> Row:
    """Status 0: the profile of a box that is served; `pins` only for one that showed a token."""
    return {
        **_common(asked),
        "status": 0,
        "id": numeral(device.id),
        "name": "",
        "mac": asked.mac,
        "stb_type": device.model,
        "aspect": prefs.aspect,
        "volume": prefs.volume,
        "fav_itv_on": prefs.only_favourites,
        "last_itv_id": numeral(prefs.last_channel) if prefs.last_channel else "",
        "additional_services_on": "1" if device.services_on else "0",
        **(PINS if pins else {}),
    }


def login_due(asked: Asked) -> Row:
    """Status 2: the box asks its viewer for login and password."""
    return {**_common(asked), "status": 2, "msg": words.LOGIN, "block_msg": words.LOGIN}


def turned_away(asked: Asked, why: Refusal, told: str = "", hotline: str = "", device: Device | None = None) -> Row:
    """Status 1 with words for the viewer; `told` are those of the operator in place of ours."""
    lines = [told or _WHY[why], f"MAC：{asked.mac}" if asked.mac else ""]
    if device is not None and why == "pending":
        lines.append(f"{words.WAITING_CODE}：{code_of(device)}")
    lines.append(f"{words.CALL}：{hotline}" if hotline else "")
    said = [line for line in lines if line]
    closed = {"portal_disabled": 1} if why == "closed" else {}
    return {
        **_common(asked),
        "status": 1,
        "msg": "，".join(said),
        "block_msg": "<br>".join(map(escape, said)),
        **closed,
    }


_COMMON: Final[Mapping[str, object]] = {
    "store_auth_data_on_stb": True,
    "auth_access": False,
    "allowed_stb_types": "",
    "allowed_stb_types_for_local_recording": "",
    "stb_ntp_server": "",
    "advert": [],
    "template": "default",
    "info": "",
    "enable_settings": 1,
    "aspect": "16",
    "volume": "70",
    "storages": [],
    "storage_name": "",
    "playback_limit": 0,
    "last_itv_id": "",
    "fav_itv_on": 0,
    "additional_services_on": "1",
    "portal_disabled": 0,
    "update_url": "",
    "images": [],
    "display_menu_after_loading": 0,
    "enable_tariff_plans": 0,
    "enable_buffering_indication": 1,
    "enable_arrow_keys_setpos": 0,
    "enable_setting_interface_lang": 1,
    "enable_connection_problem_indication": 1,
    "enable_stream_losses_logging": 0,
    "enable_stream_error_logging": 1,
    "enable_service_button": 0,
    "hls_fast_start": 1,
    "show_after_loading": "main_menu",
    "show_channel_logo_in_preview": 1,
    "show_tv_channel_logo": 1,
    "show_purchased_filter": 0,
    "tv_archive_continued": 0,
    "tv_channel_default_aspect": "fit",
    "tv_quality": "high",
    "tv_quality_filter": "",
    "default_led_level": 10,
    "standby_led_level": 90,
    "blocked": "0",
    "play_in_preview_by_ok": 0,
    "play_in_preview_only_by_ok": 0,
    "screensaver_delay": 10,
    "spdif_mode": "1",
    "video_out": "hdmi",
    "use_embedded_settings": "",
    "use_http_tmp_link": 1,
    "kinopoisk_rating": 0,
    "web_proxy_host": "",
    "web_proxy_port": "",
    "web_proxy_user": "",
    "web_proxy_pass": "",
    "web_proxy_exclude_list": "",
    "invert_channel_switch_direction": 0,
    "pri_audio_lang": "chi",
    "sec_audio_lang": "",
    "pri_subtitle_lang": "",
    "sec_subtitle_lang": "",
    "strict_stb_type_check": 0,
    "test_download_url": "",
    "cas_type": 0,
    "cas_params": [],
    "cas_web_params": [],
    "cas_additional_params": [],
    "cas_hw_descrambling": 0,
    "cas_ini_file": "",
    "num_banks": 1,
    "theme": "",
    "country": "",
    "city_id": 0,
    "settings_hidden": 0,
    "ts_enabled": 0,
    "ts_path": "",
    "ts_max_length": 3600,
    "ts_buffer_use": "cyclic",
    "ts_action_on_exit": "no_save",
    "ts_delay": "on_pause",
    "rtsp_type": 4,
    "rtsp_flags": 0,
    "plasma_saving": 0,
    "plasma_saving_timeout": 600,
    "hdmi_event_reaction": 1,
    "force_ch_link_check": 0,
}
"""What a box looks at before it boots on, whatever its state; some of it bites when it is not there (§3)."""


def _common(asked: Asked) -> Row:
    """The fields of every status."""
    locale = words.LOCALES[asked.lang]
    return {
        **timing(asked),
        **_COMMON,
        "mac": asked.mac,
        "locale": locale,
        "default_locale": locale,
        "stb_lang": asked.lang,
        "default_timezone": asked.zone,
    }
