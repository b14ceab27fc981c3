from __future__ import annotations

import io
import logging

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from agency.logs import LONGEST, LineFormatter
from agency.models import new_token
from tests.cast import Cast


def written(message: str, *args: object, exc_info: BaseException | None = None) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter("%(levelname)s %(name)s: %(message)s"))
    record = logging.LogRecord("x", logging.ERROR, "f", 1, message, args, (type(exc_info), exc_info, None) if exc_info else None)
    handler.emit(record)
    return stream.getvalue()


@given(st.text())
def test_one_event_is_one_line_whatever_it_says(text: str) -> None:
    line = written("%s", text.encode("utf-8", "replace").decode())
    assert line.endswith("\n")
    assert len(line[:-1].splitlines()) == 1
    assert "\x1b" not in line


@pytest.mark.parametrize("text", ["a\r\nERROR forged: b", "\x1b[31mred", "\x9b31m", "a\x85b", "a\u2028b", "\x00", "\x07"])
def test_what_ends_a_line_or_moves_a_terminal_is_spelled_out(text: str) -> None:
    line = written("%s", text)
    assert len(line[:-1].splitlines()) == 1
    assert all(character.isprintable() for character in line[:-1])


def test_a_megabyte_is_cut_and_its_length_told() -> None:
    line = written("%s", "x" * 1_000_000)
    assert len(line) < LONGEST + 200
    assert "(1000009 characters)" in line


def test_of_a_long_traceback_both_ends_are_kept() -> None:
    line = written("it began %s", "x" * 50_000, exc_info=ValueError("the reason"))
    assert line.startswith("ERROR x: it began xxx")
    assert line.endswith("ValueError: the reason\n")
    assert len(line) < LONGEST + 200


def test_a_key_at_the_cut_is_masked_on_both_sides() -> None:
    token, _ = new_token()
    for before in range(LONGEST // 2 - 100, LONGEST // 2 + 10, 7):
        line = written("%s", "y" * before + f" /invitations/{token}/ " + "z" * 50_000 + f" /r/{token}/ " + "w" * before)
        assert not any(token[at : at + 8] in line for at in range(len(token) - 8))


def test_a_megabyte_of_line_breaks_stays_one_line() -> None:
    assert len(written("%s", "\n" * 1_000_000)) < LONGEST * 2 + 200


def test_a_traceback_is_one_line_too() -> None:
    assert len(written("broke", exc_info=ValueError("a\nb"))[:-1].splitlines()) == 1


@pytest.mark.parametrize("path", ["/r/{}/", "/invitations/{}/", "/password-reset/MQ/{}/", "/sign-in/?next=/invitations/{}/"])
def test_a_link_that_is_a_key_is_masked(path: str) -> None:
    token, _ = new_token()
    line = written("Not Found: %s", path.format(token))
    assert token not in line
    assert token[:20] not in line
    assert "…" in line


@pytest.mark.django_db
def test_the_log_of_a_refused_request_does_not_hold_its_token(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    token, _ = new_token()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter("%(message)s"))
    logging.getLogger("django.request").addHandler(handler)
    try:
        client.get(f"/invitations/{token}/")
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    assert "Not Found: /invitations/…" in stream.getvalue()


def of_django(level: int, status: int) -> logging.LogRecord:
    error = PermissionDenied("no")
    record = logging.LogRecord("django.request", level, "f", 1, "%s", ("/here/",), (type(error), error, None))
    record.status_code = status
    return record


@pytest.mark.parametrize(
    ("level", "status", "passes", "stack"),
    [
        (logging.WARNING, 403, True, False),
        (logging.WARNING, 404, True, False),
        (logging.WARNING, 422, False, False),
        (logging.ERROR, 500, True, True),
    ],
)
def test_a_refusal_is_a_line_and_a_fault_a_stack(level: int, status: int, passes: bool, stack: bool) -> None:
    record = of_django(level, status)
    passed = logging.getLogger("django.request").filter(record)
    assert (bool(passed), record.exc_info is not None) == (passes, stack)


@pytest.mark.django_db
def test_a_viewer_at_a_closed_door_writes_one_line(cast: Cast, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.force_login(cast.cleo)
    assert client.get("/connections/").status_code == 403
    assert [(record.message, record.exc_info) for record in caplog.records] == [
        ("Forbidden (Permission denied): /connections/", None)
    ]


@pytest.mark.django_db
def test_a_host_that_is_not_ours_is_one_line(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """Scanners try them by the thousand."""
    assert client.get("/", headers={"host": "scanner.example"}).status_code == 400
    (record,) = [record for record in caplog.records if record.name == "django.security.DisallowedHost"]
    assert "scanner.example" in record.message
    assert record.exc_info is None
