"""What a box shows of its account (§4 account_info). Nothing is sold on the television."""

from collections.abc import Collection, Sequence
from typing import Final

from middleware.domain.accounts import Account
from middleware.domain.packages import Package
from middleware.domain.registry import mask_phone
from middleware.portal.ministra import words
from middleware.portal.ministra.wire import Page, Row, envelope, numeral
from middleware.portal.ministra.zones import stamp
from middleware.portal.ministra.zones import zone as zone_of

FOREVER: Final = ""
TYPE: Final = "tv"


def main_info(mac: str, account: Account | None, *, phone: str = "", tariff: str = "", zone: str = "", on: bool) -> Row:
    """get_main_info; the phone is masked, since a MAC is no proof of who asks. `ends` is in the box's zone."""
    ends = stamp(account.ends_at, zone_of(zone)) if account and account.ends_at else FOREVER
    name = account.full_name if account else ""
    login = account.login if account else ""
    return {
        "fname": name,
        "phone": mask_phone(phone) if phone else "",
        "ls": account.number if account else "",
        "mac": mac,
        "last_change_status": "",
        "end_date": ends,
        "account_balance": "",
        "tariff_plan": tariff,
        "account_info": {"login": login, "status": int(on), "tariff_plan": tariff, "end_date": ends},
    }


def texts(hotline: str) -> dict[str, str]:
    """get_payment_info, get_agreement_info, get_terms_info."""
    call = f" {words.CALL}：{hotline}" if hotline else ""
    return {
        "get_payment_info": words.PAYMENT + call,
        "get_agreement_info": words.AGREEMENT,
        "get_terms_info": words.TERMS,
    }


def package_list(packages: Sequence[Package], held: Collection[int], wanted: Page) -> Row:
    """get_user_packages: those of the town, marked where this box has them."""
    shown = wanted.of(packages)
    rows = [package_row(one, have=one.id in held) for one in shown]
    return envelope(rows, len(packages), wanted.size, wanted.number, wanted.selected)


def package_row(package: Package, *, have: bool) -> Row:
    """A package; `optional` is a real boolean (§2)."""
    return {
        "package_id": numeral(package.id),
        "name": package.name,
        "description": package.about,
        "type": TYPE,
        "optional": package.optional,
        "subscribed": have,
    }


def no_sale(hotline: str) -> Row:
    """What every attempt to subscribe or to rent is told."""
    return {"message": words.NO_SALE + (f" {hotline}" if hotline else "")}
