"""Multipart forms: what browsers send is read, everything else is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from middleware.web.multipart import MAX_PARTS, MAX_TEXT, Upload, parse_multipart
from middleware.web.urlencoded import Malformed

KIND = "multipart/form-data; boundary=edge"


def body(*parts: bytes) -> bytes:
    return b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + b"--edge--\r\n"


def field(name: str, value: str) -> bytes:
    return f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()


def file(name: str, content: bytes) -> bytes:
    return (
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: a/b\r\n\r\n'.encode()
        + content
    )


def test_fields_and_files_are_read_as_browsers_send_them() -> None:
    read = parse_multipart(KIND, body(field("说明", "两行\r\n字"), file("名册.xlsx", b"\r\n--edg\x00\r\n")))

    assert read == ({"说明": "两行\r\n字"}, {"file": Upload("名册.xlsx", b"\r\n--edg\x00\r\n")})


def test_a_path_in_a_file_name_is_cut_away() -> None:
    _, uploads = parse_multipart(KIND, body(file("C:\\docs\\../../名册.csv", b"x")))

    assert uploads["file"].name == "名册.csv"


def test_a_file_field_left_empty_is_no_file() -> None:
    assert parse_multipart(KIND, body(file("", b""))) == ({}, {})


@pytest.mark.parametrize(
    ("kind", "data", "status"),
    [
        ("multipart/form-data", body(field("a", "b")), 415),
        ("text/plain", b"x", 415),
        (KIND, b"", 400),
        (KIND, b"--other--\r\n", 400),
        (KIND, body(field("a", "b"))[:-8], 400),
        (KIND, b"preamble\r\n" + body(field("a", "b")), 400),
        (KIND, body(field("a", "b")) + b"epilogue", 400),
        (KIND, body(b"no head at all"), 400),
        (KIND, body(b"Content-Type: a/b\r\n\r\nx"), 400),
        (KIND, body(b'Content-Disposition: attachment; name="a"\r\n\r\nx'), 400),
        (KIND, body(b'Content-Disposition: form-data; name="a"\r\n\r\n\xff'), 400),
        (KIND, body(field("a", "x" * (MAX_TEXT + 1))), 413),
        (KIND, body(*[field("a", "b")] * (MAX_PARTS + 1)), 413),
        (KIND, body(b"X: " + b"y" * 5000 + b'\r\nContent-Disposition: form-data; name="a"\r\n\r\nx'), 400),
    ],
)
def test_anything_else_is_refused_with_its_status(kind: str, data: bytes, status: int) -> None:
    with pytest.raises(Malformed) as refused:
        parse_multipart(kind, data)

    assert refused.value.status == status


@given(st.binary(max_size=300))
def test_any_file_content_comes_through_unchanged(content: bytes) -> None:
    _, uploads = parse_multipart("multipart/form-data; boundary=a-rare-edge-7", (
        b'--a-rare-edge-7\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
        + content + b"\r\n--a-rare-edge-7--\r\n"
    ))  # fmt: skip

    assert uploads["file"].body == content


@given(st.binary(max_size=200))
def test_noise_is_either_read_or_refused(noise: bytes) -> None:
    try:
        fields, uploads = parse_multipart(KIND, b"--edge\r\n" + noise + b"\r\n--edge--")
    except Malformed:
        return

    assert len(fields) + len(uploads) <= MAX_PARTS
