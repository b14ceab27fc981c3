"""A signed-in user is read together with their memberships, anew with each request."""

from __future__ import annotations

from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agency.models import Agency, Membership
from tests.cast import Cast


def people_read(client: Browser) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(reverse("clients")).status_code == 200
    tables = ('FROM "agency_user"', 'FROM "agency_membership"')
    return [query["sql"] for query in captured if any(table in query["sql"] for table in tables)]


def test_one_query_reads_a_user_and_every_membership(cast: Cast, client: Browser) -> None:
    for number in range(3):
        agency = Agency.objects.create(name=f"Other {number}", slug=f"other-{number}")
        Membership.objects.create(agency=agency, user=cast.ann, role="viewer")
    client.force_login(cast.ann)
    assert len(people_read(client)) == 1


def test_removed_from_every_agency_they_are_still_signed_in(cast: Cast, client: Browser) -> None:
    client.force_login(cast.ann)
    Membership.objects.filter(user=cast.ann).delete()
    response = client.get(reverse("clients"))
    assert response.status_code == 404
    assert response.wsgi_request.user == cast.ann


def test_switched_off_they_are_nobody_from_the_next_click(cast: Cast, client: Browser) -> None:
    client.force_login(cast.ann)
    cast.ann.is_active = False
    cast.ann.save(update_fields=["is_active"])
    assert client.get(reverse("clients")).status_code == 302
