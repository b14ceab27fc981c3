from __future__ import annotations

import base64
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from agency.branding import brand, contrast, logo_data_uri, text_on
from agency.models import Agency
from tests.cast import Cast

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def upload(client: Client, content: bytes, name: str = "logo.png", kind: str = "image/png", **extra: Any) -> Any:
    file = SimpleUploadedFile(name, content, kind)
    return client.post("/settings/branding/", {"name": "North", "colour": "#2f5bd8", "logo_file": file} | extra)


def test_a_logo_is_kept_and_served_as_what_it_is(cast: Cast, client: Client) -> None:
    client.force_login(cast.ann)
    assert upload(client, PNG, name="logo.svg", kind="image/svg+xml").status_code == 302
    response = client.get("/logo/")
    assert (response["Content-Type"], response.content) == ("image/png", PNG)
    assert response["X-Content-Type-Options"] == "nosniff"
    cast.north.refresh_from_db()
    assert logo_data_uri(cast.north) == f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


@pytest.mark.parametrize("content", [
    b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"<?xml version='1.0'?><svg/>", b"GIF89a", b"%PDF-1.7",
    b"<html>", b"\x89PNG", b"RIFF\x00\x00\x00\x00WAVE",
])  # fmt: skip
def test_what_is_no_picture_of_three_kinds_is_refused(cast: Cast, client: Client, content: bytes) -> None:
    client.force_login(cast.ann)
    response = upload(client, content)
    assert response.status_code == 422
    assert "not a PNG, JPEG or WebP" in response.content.decode()
    assert client.get("/logo/").status_code == 404


def test_a_large_file_is_refused(cast: Cast, client: Client) -> None:
    client.force_login(cast.ann)
    assert upload(client, PNG + b"x" * 200_000).status_code == 422
    assert upload(client, PNG + b"x" * (200_000 - len(PNG))).status_code == 302


def test_the_logo_can_be_taken_away(cast: Cast, client: Client) -> None:
    client.force_login(cast.ann)
    upload(client, PNG)
    client.post("/settings/branding/", {"name": "North", "colour": "#2f5bd8", "no_logo": "on"})
    assert client.get("/logo/").status_code == 404


@pytest.mark.parametrize("colour", ["red", "#12345", "#12345g", "url(x)", "#123456;}"])
def test_a_colour_is_six_hex_digits(cast: Cast, client: Client, colour: str) -> None:
    client.force_login(cast.ann)
    assert client.post("/settings/branding/", {"name": "North", "colour": colour}).status_code == 422


def test_a_colour_that_got_past_the_form_never_reaches_a_style() -> None:
    assert brand(Agency(name="x", colour="red}*{x:y")).colour == "#2f5bd8"


@given(st.integers(0, 0xFFFFFF))
def test_words_on_and_in_every_brand_colour_are_legible(number: int) -> None:
    found = brand(Agency(name="x", colour=f"#{number:06x}"))
    assert contrast(text_on(found.colour), found.colour) >= 4.5
    assert contrast(found.ink_light, "#ffffff") >= 4.5
    assert contrast(found.ink_dark, "#161b21") >= 4.5
