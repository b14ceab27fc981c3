"""Which clients a viewer sees, chosen in one place."""

from __future__ import annotations

import re

import pytest

from agency.models import AuditEntry
from clients import assigning
from clients.models import Client
from tests.cast import Cast
from tests.clients.doing import newest_entry, signed_in, text_of
from tests.factories import ClientFactory


def address(cast: Cast, who: str = "cleo") -> str:
    return f"/settings/team/{getattr(cast, who).memberships.get().uuid}/clients/"


def seen(cast: Cast) -> set[str]:
    return set(cast.cleo.memberships.get().assigned.values_list("slug", flat=True))


def boxes(page: str) -> dict[str, bool]:
    found = re.findall(r'name="client" value="[^"]*"( checked)?> <span>([^<]*)', page)
    return {name: bool(checked) for checked, name in found}


def ids(*clients: Client) -> list[str]:
    return [str(client.uuid) for client in clients]


def test_the_ticks_are_what_the_viewer_sees_and_the_change_is_written_down(cast: Cast) -> None:
    browser = signed_in(cast.ann)
    assert boxes(text_of(browser.get(address(cast)))) == {"Acme": True, "Birch": False}
    asked = {"before": " ".join(ids(cast.acme)), "client": ids(cast.birch)}
    answer = browser.post(address(cast), asked, follow=True)
    assert "Cleo sees 1 client now." in text_of(answer)
    assert seen(cast) == {"birch"}
    entry = newest_entry()
    assert (entry.action, entry.target, entry.after) == (
        "member.clients_changed", "Cleo", {"now_sees": ["Birch"], "no_longer_sees": ["Acme"]},
    )  # fmt: skip
    browser.post(address(cast), asked)
    assert AuditEntry.objects.count() == 1, "nothing changed, nothing is written"


def test_ticks_that_somebody_else_set_meanwhile_stay(cast: Cast) -> None:
    cast.birch.viewers.add(cast.cleo.memberships.get())
    browser = signed_in(cast.ann)
    stale = re.findall(r'name="before" value="([^"]*)"', text_of(browser.get(address(cast))))
    assert set(stale[0].split()) == set(ids(cast.acme, cast.birch))
    added, taken = ClientFactory.create(agency=cast.north, slug="cedar"), cast.birch
    browser.post(address(cast), {"before": stale, "client": ids(cast.acme, added)})
    assert seen(cast) == {"acme", "cedar"}
    browser.post(address(cast), {"before": stale, "client": ids(taken)})
    assert seen(cast) == {"cedar"}, "birch was taken meanwhile and is not given again, cedar was not on the page"


def test_a_search_narrows_the_ticks_and_leaves_the_others_alone(cast: Cast) -> None:
    browser = signed_in(cast.mo)
    page = text_of(browser.get(f"{address(cast)}?search=BIR"))
    assert boxes(page) == {"Birch": False}
    before = re.findall(r'name="before" value="([^"]*)"', page)
    assert before == [""]
    browser.post(address(cast), {"before": before, "client": ids(cast.birch)})
    assert seen(cast) == {"acme", "birch"}
    assert "No client matches" in text_of(browser.get(f"{address(cast)}?search=nobody"))


def test_nobody_elses_client_and_no_archived_one_is_given(cast: Cast) -> None:
    cast.birch.archived_at = cast.birch.created_at
    cast.birch.save(update_fields=["archived_at"])
    asked = ids(cast.oak, cast.birch)
    signed_in(cast.ann).post(address(cast), {"before": "nonsense too", "client": [*asked, "nonsense"]})
    assert seen(cast) == {"acme"}


@pytest.mark.parametrize("who", ["ben", "zoe"])
def test_only_a_viewer_of_the_agency_has_such_a_page(cast: Cast, who: str) -> None:
    assert signed_in(cast.ann).get(address(cast, who)).status_code == 404


def test_more_clients_than_a_form_has_fields_are_found_by_their_name(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assigning, "MOST", 3)
    ClientFactory.create_batch(4, agency=cast.north)
    browser = signed_in(cast.ann)
    page = text_of(browser.get(address(cast)))
    assert len(boxes(page)) == 3
    assert "3 are shown, 3 more are not: search for them by name." in page
    assert "data-narrows" not in page


def test_the_team_page_leads_there(cast: Cast) -> None:
    page = text_of(signed_in(cast.ann).get("/settings/team/"))
    assert page.count('/clients/">Choose the clients') == 1
    assert address(cast) in page
    invited = signed_in(cast.ann).post("/settings/team/invite/", {"email": "new@north.example", "role": "viewer"}, follow=True)
    assert "sees no client until you choose some" in text_of(invited)
