"""Names, tags and subjects that are programs: shown as they are, run by nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from sandbox.server import Sandbox
from tests.browser.conftest import Visit
from tests.browser.house import PASSWORD, House, house
from tests.browser.places import uuid_of
from tests.browser.reading import drawn, hover

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCRIPT = "<script>window.ran=1;alert(1)</script>"
IMAGE = "<img src=x onerror='window.ran=1;alert(1)'>"
BREAKS_OUT = "</script><svg onload=window.ran=1>{{ 7*7 }}%{customdata}"
FORMULA = "=cmd|'/c calc'!A1"


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An agency, a client, its tags, its account, senders, subjects, a link and the vendor's own words: all of them hostile."""
    with Sandbox() as box, house(tmp_path_factory.mktemp("attacked"), "attacked", "--no-demo", INBOXALLY_URL=box.url) as found:
        account = box.world.account("brunnen")
        for number, (name, sender) in enumerate(account.senders.items()):
            box.change("brunnen", senders={name: {"name": IMAGE, "tags": [SCRIPT[:60], f"{FORMULA} {number}"]}})
            mail = {"subject": f"{BREAKS_OUT} {IMAGE}", "from_email": sender.email, "providers": {"gmail": [30, 5, 5]}}
            box.change("brunnen", add_broadcasts=[mail])
        found.manage("createagency", f"{IMAGE} & Sons", "--owner", "eve@example.com", "--password-env", "PW", PW=PASSWORD)
        found.manage("addclient", f"{IMAGE}{FORMULA}", "--slug", "eve", "--tag", "<b onclick=alert(1)>x</b>", "--tag", FORMULA)
        key = {"KEY": box.key("brunnen")}
        found.manage("connect", "inboxally", "--client", "eve", "--key-env", "KEY", "--label", SCRIPT, **key)
        found.until_all_is_read()
        yield found


def test_nothing_hostile_runs_on_any_page(attacked: House, visit: Visit) -> None:
    """That no dialog opened, no policy was broken and nothing was asked for elsewhere, `visit` sees to."""
    page = visit(attacked)
    page.sign_in("eve@example.com", PASSWORD)
    expect(page.page.get_by_role("row", name=re.compile("onerror"))).to_be_visible()
    seen = [nothing_ran(page.page, path) for path in paths(attacked)]
    assert sum(IMAGE in text for text in seen) >= 10
    assert sum(BREAKS_OUT in text for text in seen) >= 2


def test_a_charts_hover_shows_hostile_words_as_words(attacked: House, visit: Visit) -> None:
    visitor = visit(attacked)
    visitor.sign_in("eve@example.com", PASSWORD)
    page = visitor.page
    page.goto("/clients/eve/")
    drawn(page, "trend")
    hover(page, "trend", 0.97, 0.3, page.locator("[data-chart=trend] .hoverlayer text"))
    page.locator("[data-chart=domains]").hover()
    assert page.evaluate("window.ran") is None
    assert page.locator("[data-chart] img, [data-chart] script").count() == 0


#: What a broken vendor, or one in a stranger's hands, answers.
SAID = f"{SCRIPT}{IMAGE}"


def test_what_the_vendor_says_of_a_failure_is_words_on_every_page_that_tells_of_it(attacked: House, visit: Visit) -> None:
    log = json.dumps([[datetime.now(UTC).isoformat(), "error", SAID]])
    change(attacked, "clients_syncrun", state="failed", outcome=SAID, log=log)
    change(attacked, "clients_feed", failures=2, next_at=f"{datetime.now(UTC) + timedelta(days=5):%F %T}")
    assert_told(attacked, visit, "/feeds/", a_run(attacked), the_connection(attacked), "/")


def test_what_the_vendor_says_of_a_key_that_it_refuses_is_words_too(attacked: House, visit: Visit) -> None:
    change(attacked, "clients_connection", health="refused", health_reason=SAID, health_since=f"{datetime.now(UTC):%F %T}")
    try:
        told = ("/feeds/", the_connection(attacked), "/clients/eve/", "/clients/eve/connections/")
        assert_told(attacked, visit, *told)
    finally:
        change(attacked, "clients_connection", health="ok", health_reason="")


def test_why_a_feed_can_not_be_read_is_words_too(attacked: House, visit: Visit) -> None:
    change(attacked, "clients_feed", lacks=SAID)
    try:
        assert_told(attacked, visit, "/feeds/", the_connection(attacked))
    finally:
        change(attacked, "clients_feed", lacks="")


def assert_told(attacked: House, visit: Visit, *paths: str) -> None:
    """The words stand on these pages, and on those, as on the others that might tell them, nothing runs."""
    visitor = visit(attacked)
    visitor.sign_in("eve@example.com", PASSWORD)
    expect(visitor.page).to_have_url(f"{attacked.address}/")
    others = ("/", "/connections/", "/feeds/", "/clients/", *(f"/clients/eve/{tab}" for tab in ("", "activity/", "connections/")))
    told = {path for path in {*paths, *others} if SAID in nothing_ran(visitor.page, path)}
    assert told >= set(paths)


def change(attacked: House, table: str, **values: str | int) -> None:
    quoted = {name: str(value).replace("'", "''") for name, value in values.items()}
    attacked.home.change(f"UPDATE {table} SET {', '.join(f"{name} = '{value}'" for name, value in quoted.items())}")


def nothing_ran(page: Page, path: str) -> str:
    """The page's text."""
    answer = page.goto(path)
    assert answer
    assert answer.status == 200, path
    page.wait_for_load_state("load")
    assert page.evaluate("window.ran") is None, path
    assert page.locator("img[src=x], svg[onload], [onclick], [onerror]").count() == 0, path
    return page.locator("html").inner_text()


def the_connection(attacked: House) -> str:
    return f"/connections/{uuid_of(attacked, 'SELECT uuid FROM clients_connection')}/"


def a_run(attacked: House) -> str:
    return f"/runs/{uuid_of(attacked, 'SELECT uuid FROM clients_syncrun ORDER BY id')}/"


def paths(attacked: House) -> list[str]:
    broadcast = uuid_of(attacked, "SELECT uuid FROM clients_broadcast WHERE subject LIKE '%</script>%' ORDER BY id")
    tabs = ("", "edit/", "broadcasts/", "senders/", "seeds/", "activity/?status=all", "connections/", "reports/")
    return [
        *(
            "/",
            "/clients/",
            "/senders/",
            "/seeds/",
            "/connections/",
            "/feeds/",
            "/unassigned/",
            "/settings/team/",
            "/settings/branding/",
        ),
        *(f"/clients/eve/{tab}" for tab in tabs),
        f"/clients/eve/broadcasts/{broadcast}/",
        *(f"{the_connection(attacked)}{part}" for part in ("", "key/", "scopes/")),
        a_run(attacked),
        "/senders/?search=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E&tag=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "/clients/eve/?mailbox_provider=%22%3E%3Cimg+src%3Dx+onerror%3Dalert(1)%3E&domain=%3C/script%3E%3Cscript%3Ealert(1)",
    ]
