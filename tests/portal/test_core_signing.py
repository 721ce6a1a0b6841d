"""Signed addresses: the form nginx checks, one per hour, each opening one class until it expires, keys in rotation."""

import hashlib
from base64 import urlsafe_b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from middleware.portal.core.signing import EXPIRED, FORGED, Opened, Signer, keys_of

NOW = 1_770_000_000


def keys(generation: int = 0) -> dict[str, str]:
    return dict(keys_of(lambda purpose: hashlib.sha256(purpose.encode()).digest(), generation))


def signer(seconds: float = NOW, generation: int = 0) -> Signer:
    return Signer(keys(generation), lambda: seconds, generation)


def opened(one: Signer, address: str) -> object:
    _, prefix, rest = address.split("/", 2)
    return one.open(prefix, rest)


def test_an_address_holds_what_secure_link_computes() -> None:
    _, prefix, exp, sig, klass, rest = signer().address("/v/5-1/master.m3u8").split("/", 5)
    expected = hashlib.md5(f"{exp}/{klass} {keys()['t']}".encode()).digest()

    assert (prefix, klass, rest) == ("t", "pub", "v/5-1/master.m3u8")
    assert urlsafe_b64decode(sig + "==") == expected
    assert len(sig) == 22


@given(st.integers(0, 3599), st.integers(0, 3599))
def test_within_an_hour_an_address_stays_the_same_and_opens_a_day(first: int, second: int) -> None:
    hour = NOW // 3600 * 3600 + 1
    one, two = (signer(hour + min(part, 3598)).address("/ch/a.b/master.m3u8") for part in (first, second))

    assert one == two
    assert int(one.split("/")[2]) % 3600 == 0
    assert 24 * 3600 <= int(one.split("/")[2]) - (hour + first) < 25 * 3600 + 1


def test_it_opens_until_it_expires_and_only_as_it_was_made() -> None:
    address = signer().address("/s/5-1/540/00001.ts")
    exp = int(address.split("/")[2])

    assert opened(signer(exp), address) == Opened("pub", "s/5-1/540/00001.ts")
    assert opened(signer(exp + 1), address) == EXPIRED
    assert opened(signer(), address.replace("/pub/", "/staff/")) == FORGED
    assert opened(signer(), address.replace(str(exp), str(exp + 3600))) == FORGED
    assert opened(signer(), address.replace(f"/{exp}/", f"/0{exp}/")) == FORGED
    assert opened(signer(), address.replace("/t/", "/u/")) == FORGED


@pytest.mark.parametrize("rest", ["", "1/x/pub/v/1", "1//pub/v/1", f"1/{'a' * 22}/pub/x/1", f"1/{'a' * 22}/P/v/1"])
def test_what_is_no_signed_address_opens_nothing(rest: str) -> None:
    assert signer().open("t", rest) is None


def test_a_new_key_takes_the_other_prefix_and_leaves_yesterdays_addresses_open() -> None:
    old = signer().address("/v/5-1/master.m3u8")
    new = signer(generation=1)

    assert new.address("/v/5-1/master.m3u8").startswith("/u/")
    assert opened(new, old) == Opened("pub", "v/5-1/master.m3u8")
    assert opened(signer(generation=2), old) == FORGED


def test_only_our_own_media_are_signed() -> None:
    assert signer().signed("http://tv.test/v/1") == "http://tv.test/v/1"
    assert signer().signed("") == ""
    for path in ("/p/home", "v/1-1/master.m3u8", "/v/a b", "/v/"):
        with pytest.raises(ValueError, match="is not what is signed"):
            signer().address(path)
    with pytest.raises(ValueError, match="no class"):
        signer().address("/v/1-1/master.m3u8", "../x")
