from __future__ import annotations

import threading
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import OperationalError, connections
from django.db import connection as database

from agency import checks, rotation, secrets
from agency.models import Agency
from clients.models import Connection
from tests.cast import Cast, connect

KEY = "ia-live-0123456789-9f3c"


def new_key() -> str:
    return Fernet.generate_key().decode()


@pytest.fixture
def old_and_new(settings: Any) -> tuple[str, str]:
    old, new = new_key(), new_key()
    settings.CREDENTIAL_KEYS = [old]
    return old, new


def test_a_sealed_secret_opens_for_its_owner(settings: Any) -> None:
    assert secrets.unseal(secrets.seal({"api_key": KEY}, owner="a"), owner="a") == {"api_key": KEY}


@pytest.mark.parametrize("place", range(0, 160, 7))
def test_a_tampered_ciphertext_is_an_error_that_tells_nothing(place: int) -> None:
    sealed = secrets.seal({"api_key": KEY}, owner="a")
    tampered = sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :]
    with pytest.raises(secrets.Unreadable) as caught:
        secrets.unseal(tampered, owner="a")
    assert KEY not in repr(caught.value)
    assert tampered not in repr(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("garbage", ["", "x", "gAAAAA", "é", "\0", "{}"])
def test_what_is_no_ciphertext_is_an_error(garbage: str) -> None:
    with pytest.raises(secrets.Unreadable):
        secrets.unseal(garbage, owner="a")


def test_ciphertexts_swapped_between_rows_do_not_open(cast: Cast) -> None:
    one, two = connect(cast.north, key="first-key-0001"), connect(cast.north, key="second-key-0002")
    one.credentials, two.credentials = two.credentials, one.credentials
    for row in (one, two):
        with pytest.raises(secrets.Unreadable, match="another row"):
            row.secrets()


def test_an_unknown_ring_refuses_to_start_and_says_how_many(cast: Cast, old_and_new: tuple[str, str], settings: Any) -> None:
    connect(cast.north, key=KEY)
    connect(cast.north, key="another-key-0001")
    secrets.verify_ring()
    settings.CREDENTIAL_KEYS = [old_and_new[1]]
    with pytest.raises(ImproperlyConfigured, match="does not open 2 of 2") as caught:
        secrets.verify_ring()
    assert all(key not in str(caught.value) for key in old_and_new)


def test_a_removed_connection_asks_nothing_of_the_ring(cast: Cast, old_and_new: tuple[str, str], settings: Any) -> None:
    Connection.objects.filter(pk=connect(cast.north, key=KEY).pk).update(credentials="")
    settings.CREDENTIAL_KEYS = [old_and_new[1]]
    secrets.verify_ring()


def test_only_a_start_says_that_there_was_nothing_to_compare_the_ring_with(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(_: secrets.Sealed) -> Any:
        raise OperationalError("no such table")

    monkeypatch.setattr(secrets.Sealed, "rows", away)
    assert checks.ring_opens_what_is_stored() == []
    assert caplog.messages == []
    secrets.verify_ring()
    assert "was not compared" in caplog.text


def test_a_broken_key_in_the_ring_is_named_without_being_shown(settings: Any) -> None:
    settings.CREDENTIAL_KEYS = ["short-and-secret"]
    with pytest.raises(ImproperlyConfigured, match="32 bytes") as caught:
        secrets.verify_ring()
    assert "short-and-secret" not in str(caught.value)


def test_rotation_brings_all_under_the_first_key(cast: Cast, old_and_new: tuple[str, str], settings: Any) -> None:
    old, new = old_and_new
    rows = [connect(cast.north, key=f"key-number-{n:04}", label=str(n)) for n in range(5)]
    settings.CREDENTIAL_KEYS = [new, old]
    assert _counts(rotation.rotate()) == (5, 0, 0)
    assert _counts(rotation.rotate()) == (0, 5, 0)
    settings.CREDENTIAL_KEYS = [new]
    assert [_fresh(row).secrets()["api_key"] for row in rows] == [f"key-number-{n:04}" for n in range(5)]


def test_a_rotation_that_was_stopped_goes_on_where_it_stood(
    cast: Cast, old_and_new: tuple[str, str], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = old_and_new
    for n in range(6):
        connect(cast.north, key=f"key-number-{n:04}", label=str(n))
    settings.CREDENTIAL_KEYS = [new, old]
    monkeypatch.setattr(rotation, "BATCH", 2)
    monkeypatch.setattr(secrets, "reseal", _dies_after(3, secrets.reseal))
    with pytest.raises(KeyboardInterrupt):
        rotation.rotate()
    monkeypatch.undo()
    settings.CREDENTIAL_KEYS = [new, old]
    assert _counts(rotation.rotate()) == (4, 2, 0)  # the batch in hand was taken back whole


def test_one_closed_row_is_named_and_stops_no_other(cast: Cast, old_and_new: tuple[str, str], settings: Any) -> None:
    old, new = old_and_new
    good, bad = connect(cast.north, key="key-number-0001"), connect(cast.north, key="key-number-0002", label="Bad")
    Connection.objects.filter(pk=bad.pk).update(credentials=Fernet(new_key().encode()).encrypt(b"{}").decode())
    settings.CREDENTIAL_KEYS = [new, old]
    out = StringIO()
    with pytest.raises(CommandError, match="do not open"):
        call_command("rotatekeys", stdout=out)
    assert f"clients.Connection {bad.uuid}" in out.getvalue()
    assert secrets.under_first_key(_fresh(good).credentials)


def test_the_check_counts_and_changes_nothing(cast: Cast, old_and_new: tuple[str, str], settings: Any) -> None:
    old, new = old_and_new
    row, out = connect(cast.north, key=KEY), StringIO()
    settings.CREDENTIAL_KEYS = [new, old]
    with pytest.raises(CommandError, match="before the old key leaves"):
        call_command("rotatekeys", "--check", stdout=out)
    assert "1 to rotate" in out.getvalue()
    assert _fresh(row).credentials == row.credentials
    call_command("rotatekeys", stdout=out)
    call_command("rotatekeys", "--check", stdout=out)
    assert KEY not in out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_rotating_while_others_read_and_replace_fails_nobody(old_and_new: tuple[str, str], settings: Any) -> None:
    old, new = old_and_new
    agency = Agency.objects.create(name="North", slug="north")
    rows = [connect(agency, key=f"key-number-{n:04}", label=str(n)) for n in range(60)]
    settings.CREDENTIAL_KEYS = [new, old]
    failures: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            for row in rows[:50]:
                assert _fresh(row).secrets()["api_key"] == f"key-number-{int(row.label):04}"

    def replace() -> None:
        for row in rows[50:]:
            mine = _fresh(row)
            mine.keep({"api_key": f"replaced-key-{int(row.label):04}"})
            mine.save(update_fields=["credentials", "last4", "fingerprint"])

    threads = [threading.Thread(target=_watched, args=(act, failures)) for act in (read, read, replace)]
    for thread in threads:
        thread.start()
    try:
        while _counts(rotation.rotate())[0]:
            pass
    finally:
        threads[2].join()
        done.set()
        for thread in threads:
            thread.join()
    assert failures == []
    rotation.rotate()
    settings.CREDENTIAL_KEYS = [new]
    assert [_fresh(row).secrets()["api_key"][:8] for row in rows] == ["key-numb"] * 50 + ["replaced"] * 10


def _watched(act: Callable[[], None], failures: list[BaseException]) -> None:
    try:
        act()
    except BaseException as error:  # noqa: BLE001  (handed to the test)
        failures.append(error)
    finally:
        connections.close_all()
        database.close()


def _fresh(row: Connection) -> Connection:
    found: Connection = Connection.objects.get(pk=row.pk)
    return found


def _counts(outcome: rotation.Outcome) -> tuple[int, int, int]:
    return outcome.rotated, outcome.already, len(outcome.closed)


def _dies_after(times: int, act: Callable[..., str]) -> Callable[..., str]:
    calls = iter(range(times))

    def one(*args: Any, **kwargs: Any) -> str:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return act(*args, **kwargs)

    return one
