from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Client
from tests.cast import Cast


def found(words: str) -> list[str]:
    return list(Client.objects.filter(name__icontains=words).order_by("name").values_list("name", flat=True))


@pytest.mark.parametrize("words", ["für", "FÜR", "Für", "fÜr", "FÜR ELISE", "R ELI"])
def test_capitals_make_no_difference(cast: Cast, words: str) -> None:
    Client.objects.create(agency=cast.north, name="Für Elise", slug="fuer-elise")
    assert found(words) == ["Für Elise"]


@pytest.mark.parametrize(("words", "names"), [("ü.r", ["ü.r"]), ("%ü", ["%ü_"]), ("Ü_", ["%ü_"]), ("(ü", []), ("_ü", [])])
def test_signs_stand_for_themselves(cast: Cast, words: str, names: list[str]) -> None:
    for number, name in enumerate(["ü.r", "üxr", "%ü_"]):
        Client.objects.create(agency=cast.north, name=name, slug=f"client-{number}")
    assert found(words) == names


def test_words_of_ascii_are_asked_for_as_before(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as asked:
        found("acme")
    assert "REGEXP" not in asked[0]["sql"]
