"""Two pages of one form, of which one is older: only what its person changed is written."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client as Browser

from agency.models import Agency, AuditEntry, Membership, Role, User
from clients.models import Client
from tests.cast import Cast
from tests.clients.doing import signed_in, text_of

EDIT, BRANDING = "/clients/acme/edit/", "/settings/branding/"


@pytest.fixture
def ann(cast: Cast) -> Browser:
    return signed_in(cast.ann)


def fields(page: str) -> dict[str, Any]:
    """What a browser would send of the page's form as it stands."""
    form = page[page.index("csrfmiddlewaretoken", page.index("<main")) :].partition("</form>")[0]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        told = {name: unescape(value) for name, value in re.findall(r'([a-z]+)="([^"]*)"', tag)}
        if "name" in told and told.get("type") not in ("file", "checkbox"):
            found.setdefault(told["name"], []).append(told.get("value", ""))
        elif told.get("type") == "checkbox" and " checked" in tag:
            found.setdefault(told["name"], []).append(told["value"])
    for name, options in re.findall(r'<select name="([^"]*)".*?>(.*?)</select>', form, re.DOTALL):
        found[name] = re.findall(r'value="([^"]*)" selected', options) or [""]
    return found


def acme() -> Client:
    return Client.objects.get(slug="acme")


def tags() -> set[str]:
    return set(acme().tags.values_list("name", flat=True))


def test_what_was_changed_on_another_page_meanwhile_stays(cast: Cast, ann: Browser) -> None:
    newcomer = Membership.objects.create(
        agency=cast.north, user=User.objects.create_user("dora@north.example", name="Dora"), role=Role.VIEWER
    )
    acme().viewers.clear()
    stale, fresh = (fields(text_of(ann.get(EDIT))) for _ in range(2))
    theirs = {"tags": "from,tab,b", "timezone": "Pacific/Apia", "viewers": str(newcomer.uuid)}
    mo = cast.mo.memberships.get()
    assert ann.post(EDIT, fresh | theirs | {"manager": str(mo.uuid)}).status_code == 302
    assert ann.post(EDIT, stale | {"name": "Acme & Sons"}).status_code == 302
    now = acme()
    assert (now.name, now.timezone, now.manager, tags()) == ("Acme & Sons", "Pacific/Apia", mo, {"from", "tab", "b"})
    assert list(now.viewers.all()) == [newcomer]
    assert AuditEntry.objects.order_by("-pk")[0].after == {"name": "Acme & Sons"}


@pytest.mark.parametrize(
    ("mine", "theirs", "says"),
    [
        ({"name": "Mine"}, {"name": "Theirs"}, "‘Theirs’"),
        ({"tags": "mine"}, {"tags": "theirs, too"}, "‘theirs, too’"),
        ({"timezone": "Asia/Tokyo"}, {"timezone": "Pacific/Apia"}, "‘Pacific/Apia"),
        ({"manager": "ann"}, {"manager": "mo"}, "‘Mo’"),
        ({"viewers": ""}, {"viewers": "dora"}, "‘Dora’"),
    ],
)
def test_what_both_have_changed_is_shown_once_and_then_written(
    cast: Cast, ann: Browser, mine: dict[str, str], theirs: dict[str, str], says: str
) -> None:
    Membership.objects.create(agency=cast.north, user=User.objects.create_user("dora@north.example", name="Dora"), role="viewer")
    people = {str(member.user).lower(): str(member.uuid) for member in Membership.objects.filter(agency=cast.north)}
    mine, theirs = ({name: people.get(value, value) for name, value in one.items()} for one in (mine, theirs))
    (name,) = mine
    stale, fresh = (fields(text_of(ann.get(EDIT))) for _ in range(2))
    ann.post(EDIT, fresh | theirs)
    shown = ann.post(EDIT, stale | mine if mine[name] else {key: value for key, value in stale.items() if key != name})
    assert shown.status_code == 422
    assert f"Somebody has changed it meanwhile: it says {says}" in text_of(shown)
    again = fields(text_of(shown))
    before = AuditEntry.objects.count()
    assert ann.post(EDIT, again).status_code == 302
    entry = AuditEntry.objects.order_by("-pk")[0]
    assert (AuditEntry.objects.count(), list(entry.after)) == (before + 1, [name])


def test_both_saying_the_same_is_no_question(ann: Browser) -> None:
    stale = fields(text_of(ann.get(EDIT)))
    for _ in range(2):
        assert ann.post(EDIT, stale | {"name": "Acme Two"}).status_code == 302
    assert AuditEntry.objects.count() == 1


def test_branding_keeps_what_another_page_saved(cast: Cast, ann: Browser) -> None:
    stale = fields(text_of(ann.get(BRANDING)))
    ann.post(BRANDING, stale | {"colour": "#112233"})
    assert ann.post(BRANDING, stale | {"name": "North & Co"}).status_code == 302
    now = Agency.objects.get(slug="north")
    assert (now.name, now.colour) == ("North & Co", "#112233")
    both = ann.post(BRANDING, stale | {"colour": "#445566"})
    assert (both.status_code, "it says ‘#112233’ now" in text_of(both)) == (422, True)
    assert Agency.objects.get(slug="north").colour == "#112233"


def test_who_posts_without_what_was_shown_says_all_of_it(ann: Browser) -> None:
    assert ann.post(EDIT, {"name": "Acme", "slug": "acme", "timezone": "UTC", "tags": "a"}).status_code == 302
    assert ann.post(EDIT, {"name": "Acme", "slug": "acme", "timezone": "UTC"}).status_code == 302
    assert tags() == set()
