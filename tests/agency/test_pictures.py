from __future__ import annotations

import base64
import struct

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from agency.pictures import Picture, read
from tests.agency.test_branding import PNG, upload
from tests.cast import Cast


def png(width: int, height: int) -> bytes:
    return PNG[:16] + struct.pack(">II", width, height) + PNG[24:]


def jpeg(width: int, height: int, *, frame: int = 0xC0) -> bytes:
    app0 = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    tables = b"\xff\xc4\x00\x05\x00\x01\x02" + b"\xff"  # a table, and a byte that only fills
    return b"\xff\xd8" + app0 + tables + struct.pack(">BBHBHH", 0xFF, frame, 17, 8, height, width) + bytes(12)


def webp(kind: bytes, body: bytes) -> bytes:
    return b"RIFF\x00\x00\x00\x00WEBP" + kind + struct.pack("<I", len(body)) + body


def lossy(width: int, height: int) -> bytes:
    return webp(b"VP8 ", b"\x30\x01\x00\x9d\x01\x2a" + struct.pack("<HH", width, height) + bytes(20))


def lossless(width: int, height: int) -> bytes:
    return webp(b"VP8L", b"\x2f" + struct.pack("<I", width - 1 | height - 1 << 14) + bytes(20))


def extended(width: int, height: int) -> bytes:
    return webp(b"VP8X", bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"))


MADE = {"png": png, "jpeg": jpeg, "lossy": lossy, "lossless": lossless, "extended": extended}


@pytest.mark.parametrize("kind", MADE)
def test_a_picture_says_how_large_it_is(kind: str) -> None:
    found = read(MADE[kind](640, 123))
    assert found is not None
    assert (found.width, found.height) == (640, 123)
    assert found.type == {"png": "image/png", "jpeg": "image/jpeg"}.get(kind, "image/webp")


def test_a_progressive_jpeg_too() -> None:
    assert read(jpeg(7, 5, frame=0xC2)) == Picture("image/jpeg", 7, 5)


def test_pictures_made_by_others_are_read() -> None:
    tiny_webp = base64.b64decode("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
    assert read(tiny_webp) == Picture("image/webp", 1, 1)
    assert read(PNG) == Picture("image/png", 1, 1)


@pytest.mark.parametrize("kind", MADE)
def test_a_logo_of_which_a_few_bytes_fill_a_screen_many_times_is_refused(cast: Cast, client: Client, kind: str) -> None:
    client.force_login(cast.ann)
    assert upload(client, MADE[kind](2000, 2000)).status_code == 302
    for size in ((2001, 10), (10, 2001)):
        response = upload(client, MADE[kind](*size))
        assert response.status_code == 422
        assert f"{size[0]} × {size[1]} pixels" in response.text


@pytest.mark.parametrize("content", [png(0, 5), jpeg(5, 0), lossy(0, 0), png(9, 9)[:23], jpeg(9, 9)[:30], lossy(9, 9)[:29],
    b"\x89PNG\r\n\x1a\n" + b"x" * 40, b"\xff\xd8\xff" + b"\xff" * 40, b"\xff\xd8\xff\xe0\x00\x00" * 20])  # fmt: skip
def test_a_file_that_does_not_say_how_large_it_is_is_no_picture(cast: Cast, client: Client, content: bytes) -> None:
    client.force_login(cast.ann)
    response = upload(client, content)
    assert response.status_code == 422
    assert "not a PNG, JPEG or WebP" in response.text


@given(st.sampled_from([b"", *(make(9, 9)[:12] for make in MADE.values())]), st.binary(max_size=80))
def test_no_bytes_break_the_reader(start: bytes, rest: bytes) -> None:
    found = read(start + rest)
    assert found is None or min(found.width, found.height) > 0
