from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail as outgoing
from django.test import Client

from agency import mail
from tests.cast import PASSWORD, Cast


def ask(client: Client, email: str, **extra: Any) -> Any:
    response = client.post("/password-reset/", {"email": email}, **extra)
    mail.wait_until_sent()
    return response


def test_the_link_sets_a_new_password_once(cast: Cast, client: Client) -> None:
    ask(client, "Ann@north.example")
    link = re.search(r"http://testserver(\S+)", str(outgoing.outbox[0].body))
    assert link
    form = client.get(link[1]).url
    new = {"new_password1": "another horse battery", "new_password2": "another horse battery"}
    assert client.post(form, new).url == "/sign-in/"
    cast.ann.refresh_from_db()
    assert cast.ann.check_password("another horse battery")
    assert "This link is spent" in Client().get(link[1]).content.decode()


def test_a_reset_ends_every_session(cast: Cast, client: Client) -> None:
    client.force_login(cast.ann)
    cast.ann.set_password("another horse battery")
    cast.ann.save()
    assert client.get("/settings/").status_code == 302


def test_an_unknown_address_sees_the_same_and_gets_nothing(cast: Cast) -> None:
    answers = [ask(Client(), email) for email in ("ann@north.example", "nobody@north.example")]
    assert [(a.status_code, a.url) for a in answers] == [(302, "/password-reset/sent/")] * 2
    assert [message.to for message in outgoing.outbox] == [["ann@north.example"]]


def test_an_unknown_address_costs_the_same_work(cast: Cast, django_assert_num_queries: Any, monkeypatch: Any) -> None:
    composed = []
    monkeypatch.setattr(mail, "compose", lambda *args: composed.append(args) or outgoing.EmailMessage(to=["x@y.example"]))
    for email in ("ann@north.example", "nobody@north.example"):
        ask(Client(), email)
    assert [args[0] for args in composed] == ["agency/mail/password_reset.txt"] * 2


def test_one_address_is_written_to_five_times_an_hour(cast: Cast) -> None:
    answers = {ask(Client(), "ann@north.example", REMOTE_ADDR=f"192.0.2.{n}").status_code for n in range(8)}
    assert (answers, len(outgoing.outbox)) == ({302}, 5)


def test_one_visitor_asks_twenty_times_an_hour(cast: Cast) -> None:
    codes = [ask(Client(), f"guess{n}@north.example").status_code for n in range(21)]
    assert codes == [302] * 20 + [429]


def test_without_mail_the_page_says_who_can_help(cast: Cast, client: Client, settings: Any) -> None:
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
    assert "manage.py changepassword" in client.get("/password-reset/").content.decode()


@pytest.mark.parametrize("broken", [OSError("no route"), ValueError(PASSWORD)])
def test_a_dead_mail_server_breaks_nothing_and_leaks_nothing(
    cast: Cast, client: Client, monkeypatch: Any, caplog: Any, broken: Exception
) -> None:
    def refuse(self: Any, **_: Any) -> int:
        raise broken

    monkeypatch.setattr(outgoing.EmailMessage, "send", refuse)
    assert ask(client, "ann@north.example").status_code == 302
    assert "A mail was not sent" in caplog.text
    assert PASSWORD not in caplog.text
    assert "password-reset/" not in caplog.text
