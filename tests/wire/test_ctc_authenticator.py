"""The Authenticator codec: the published vectors, and every account, scheme and spelling of a box."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from middleware.portal.ctc.authenticator import SCHEMES, BadAuthenticator, Contents, key_of, open_with, read_hex, seal

TOKEN = "0123456789ABCDEF0123456789ABCDEF"
PLAIN = f"12345678${TOKEN}$07630001$00100399007068200001ACB1EE000001$127.0.0.1$AC:B1:EE:00:00:01$$CTC"
DES8 = (
    "96D0028878D58C89CCB3FE77C20A0743E50B7CB2783426B15526837A2408925BE50B7CB2783426B15F0D8F256F1289A84E28D712EE66A038"
    "1EAE0D8E8B7EFEA5CBE4A9E9B44D67B18033076ABD74B85A196B0A9259BBC96C1B89ED73B3607F67225051C28A94FB0F31F306879E8D2878"
    "3ACB0D184853B3A1"
)
MD5_24 = (
    "1BC8B2529DFED65B9261662B0B3251BC11CDE95318BDD586C2A3F0315699C82511CDE95318BDD586EA893781DED537D2D8958F058FDDF9B0"
    "AE0C5FB2179BF44E9CFC86BFA98F2E2496DD532A580214A0AFFEBD1586FD49EF340785DB8B14A246DFD349632C150BC5DB496798249F0BCA"
    "C1BBDBD86B0F4FE4"
)
HEADS = {
    "md5-24-lower": ("25d55ad283aa400af464c76d", "98FFEA2D40BA222D1DAF4D5832A8F183B2C7B8A98F233179"),
    "md5-24-unpadded": ("25D55AD283AA40AF464C76D7", "A4DA76804F6DB5EBC3AC2A5CC2645EE479B64CF090608487"),
    "md5-8": ("25d55ad20000000000000000", "C347FE5C27BB176BE3F54095FCA438FC"),
    "md5-8-upper": ("25D55AD20000000000000000", "9A266F3441154A583C2C539FAFD3CCB6"),
    "salted": ("bc9efdb30000000000000000", "1F6232D540E4B5126B9097553CF4BC1CE5A8C62927970790"),
}
SEEN = Contents(
    "12345678", TOKEN, "07630001", "00100399007068200001ACB1EE000001", "127.0.0.1", "AC:B1:EE:00:00:01", "CTC"
)


@pytest.mark.parametrize(("scheme", "blob"), [("des8", DES8), ("md5-24", MD5_24)])
def test_whole_vectors_are_made_and_read(scheme: str, blob: str) -> None:
    opened = open_with(read_hex(blob), "12345678", [TOKEN])

    assert seal(PLAIN, "12345678", scheme) == blob
    assert opened is not None
    assert (opened.scheme, opened.contents) == (scheme, SEEN)


@pytest.mark.parametrize("scheme", HEADS)
def test_vectors_given_by_their_beginning_are_made_and_read(scheme: str) -> None:
    key, head = HEADS[scheme]
    blob = seal(PLAIN, "12345678", scheme)
    opened = open_with(read_hex(blob), "12345678", [TOKEN])

    assert key_of(scheme, "12345678").decode() == key
    assert (blob[: len(head)], len(blob)) == (head, 240)
    assert opened is not None
    assert (opened.scheme, opened.contents) == (scheme, SEEN)


@pytest.mark.parametrize(
    ("password", "key"), [("123456789", "123456789" + "0" * 15), ("x" * 30, "x" * 24), ("", "0" * 24)]
)
def test_plain_passwords_are_padded_or_cut_to_24(password: str, key: str) -> None:
    assert key_of("des8", password).decode() == key


def test_hex_without_leading_zeros_is_filled_up_when_it_is_short() -> None:
    shortest = min(
        (str(number) for number in range(3000)), key=lambda one: len(key_of("md5-24-unpadded", one).rstrip(b"0"))
    )

    assert len(key_of("md5-24-unpadded", shortest)) == 24


@pytest.mark.parametrize("password", ["12345679", "02345678", "13254768"])
def test_passwords_equal_up_to_parity_bits_are_the_same_key(password: str) -> None:
    assert seal(PLAIN, password, "des8") == DES8
    assert open_with(read_hex(DES8), password, [TOKEN]) is not None


@pytest.mark.parametrize("password", ["22345678", "12345670", "1234567", "87654321", ""])
def test_other_passwords_open_nothing(password: str) -> None:
    assert open_with(read_hex(DES8), password, [TOKEN]) is None


@pytest.mark.parametrize(
    "blob", ["", "0", "0" * 15, "0" * 17, "0" * 24, "G" * 16, "0" * 1040, " " + "0" * 15, "0x" + "0" * 14, "０" * 16]
)
def test_what_is_not_hex_in_whole_blocks_is_refused(blob: str) -> None:
    with pytest.raises(BadAuthenticator):
        read_hex(blob)


def crypt(data: bytes, password: str = "12345678") -> bytes:
    from middleware.portal.ctc.authenticator import _cipher

    encryptor = _cipher(key_of("des8", password)).encryptor()
    return encryptor.update(data) + encryptor.finalize()


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode() + b"\4\4\4\3",
        PLAIN.encode() + b"\1\2\3\4",
        PLAIN.encode() + b"\0\0\0\0",
        PLAIN.encode() + b"    ",
        PLAIN.encode()[:-4] + b"\x08" * 8,
        PLAIN.encode()[:70] + b"\xff\xfe" + PLAIN.encode()[72:] + b"\4\4\4\4",
        PLAIN.replace("$CTC", "$XYZ").encode() + b"\4\4\4\4",
        PLAIN.replace("$$CTC", "$$$CTC").encode() + b"\3\3\3",
        PLAIN.replace("$127.0.0.1$AC:B1:EE:00:00:01$$", "$").encode().ljust(88, b"\x05")[:88],
    ],
    ids=[
        "padding",
        "padding of the right length",
        "zero padding",
        "blanks",
        "too much padding",
        "not UTF-8",
        "tail",
        "nine fields",
        "few fields",
    ],
)
def test_damaged_contents_under_the_right_key_are_no_log_in(data: bytes) -> None:
    assert open_with(crypt(data), "12345678", [TOKEN]) is None


def test_a_token_that_only_begins_like_a_live_one_is_none() -> None:
    near = PLAIN.replace(TOKEN, TOKEN[:-1] + "0")

    assert open_with(read_hex(seal(near, "12345678", "des8")), "12345678", [TOKEN]) is None


@pytest.mark.parametrize(
    ("told", "normal"),
    [("ac-b1-ee-00-00-01", "AC:B1:EE:00:00:01"), ("ACB1EE000001", "AC:B1:EE:00:00:01"), ("", ""), ("NULL", "")],
)
def test_macs_are_read_as_boxes_write_them(told: str, normal: str) -> None:
    plain = PLAIN.replace("AC:B1:EE:00:00:01$$", f"{told}$$")
    opened = open_with(read_hex(seal(plain, "12345678", "des8")), "12345678", [TOKEN])

    assert opened is not None
    assert opened.contents.mac == normal


def test_the_scheme_known_of_an_account_is_tried_first() -> None:
    both = "12345678"  # salted and salted-unpadded agree for this password, so the first one asked for is found
    blob = read_hex(seal(PLAIN, both, "salted"))
    found = [open_with(blob, both, [TOKEN], first=first) for first in ("", "salted-unpadded", "nonsense")]

    assert [one.scheme for one in found if one] == ["salted", "salted-unpadded", "salted"]


words = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@._-", min_size=1, max_size=40)
passwords = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=24)
tokens = st.text("0123456789ABCDEF", min_size=32, max_size=32)
endings = st.sampled_from(["$$CTC", "$Reserved$CTC", "$NULL$CTC", "$Reserved$OTT", "$$OTT", "$CM"])


@given(
    words,
    passwords,
    st.sampled_from(sorted(SCHEMES)),
    tokens,
    endings,
    st.integers(0, 10**10 - 1),
    st.booleans(),
    words,
)
def test_every_account_scheme_ending_and_case_tells_the_same_box(
    user: str, password: str, scheme: str, token: str, ending: str, random: int, lower: bool, stb: str
) -> None:
    plain = f"{random}${token}${user}${stb}$10.1.2.3$ac-b1-ee-00-00-01{ending}"
    blob = seal(plain, password, scheme)
    opened = open_with(read_hex(blob.lower() if lower else blob), password, ["F" * 32, token])

    assert opened is not None
    told = opened.contents
    assert (told.token, told.user_id, told.stb_id, told.mac) == (token, user, stb, "AC:B1:EE:00:00:01")
    assert key_of(opened.scheme, password) == key_of(scheme, password)


def beyond_parity(one: bytes, other: bytes) -> bool:
    return any(a >> 1 != b >> 1 for a, b in zip(one, other, strict=True))


@given(passwords, passwords, st.sampled_from(sorted(SCHEMES)), tokens)
def test_a_key_that_differs_beyond_parity_bits_opens_nothing(right: str, wrong: str, scheme: str, token: str) -> None:
    plain = PLAIN.replace(TOKEN, token)
    sealed_with = key_of(scheme, right)
    differs = all(beyond_parity(sealed_with, key_of(other, wrong)) for other in SCHEMES)
    opened = open_with(read_hex(seal(plain, right, scheme)), wrong, [token])

    assert (opened is None) == differs
