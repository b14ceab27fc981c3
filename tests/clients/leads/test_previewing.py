"""From the file to the preview: what would be sent, and which lines are wrong, before anything is."""

from __future__ import annotations

import codecs
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.leads import asking
from clients.models import Campaign, Connection, LeadChunk, LeadLine, LeadUpload
from clients.vendors.imail import Imail
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.doing import actions, signed_in, text_of
from tests.clients.leads.bringing import FRESH, go_on, planned, posted, sent

pytestmark = pytest.mark.django_db


def test_a_preview_names_what_is_sent_and_each_wrong_line_and_sends_nothing(cast: Cast, empty: Campaign, box: Sandbox) -> None:
    text = (
        "E-Mail;Vorname;First Name;Time zone\n"
        "ada@fresh.example;x;Ada;Europe/Berlin\n"
        ";;;\n"
        "no address;;;\n"
        "ADA@fresh.example;;;\n"
        "ben@fresh.example;;;Berlin\n"
        "cleo@fresh.example;;;;too much\n"
    )
    upload = planned(cast.mo, empty, "\ufeff" + text)
    told = list(upload.lines.order_by("line").values_list("line", "state", "said"))
    assert told == [
        (2, "waiting", ""),
        (4, "wrong", "‘no address’ is no e-mail address."),
        (5, "twice", "As in line 2."),
        (6, "wrong", "‘Berlin’ is no timezone such as Europe/Berlin."),
        (7, "wrong", "It has more cells than the first line has columns."),
    ]
    assert upload.chunks.get().leads == [
        {"email": "ada@fresh.example", "custom": {"Vorname": "x"}, "first_name": "Ada", "timezone": "Europe/Berlin"}
    ]
    page = text_of(signed_in(cast.mo).get(f"/uploads/{upload.uuid}/"))
    for words in ("Send 1 lead", "→ custom: Vorname", "→ first name", "‘Berlin’ is no timezone", "As in line 2"):
        assert words in page
    assert sent(box) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name\nAda\n", "None of its columns is ‘email’"),
        ("email\n", "no line but the first"),
        ("email,mail\na@b.example,\n", "are the same"),
        (b"email,name\na@b.example,M\xfcller\n", "not UTF-8"),
        ('email,name\n"a@b.example"x,\n', "Line 2 is no line of a CSV file"),
        ("\n", "must name the columns"),
        ("sep=;\n", "must name the columns"),
        ("email,name\na@b.example,Ada\n".encode("utf-16")[:-1], "not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_at_its_field_and_not_kept(
    cast: Cast, empty: Campaign, text: str | bytes, said: str
) -> None:
    answer = posted(cast.mo, empty, text)
    assert answer.status_code == 422
    assert said in answer.context["form"].errors["file"][0]
    assert not LeadUpload.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\r\nemail;first name\r\nada@fresh.example;Ada, B.\r\n",
        '"sep=|"\nemail|first name\nada@fresh.example|"Ada, B."\n',
        "email\tfirst name\nada@fresh.example\tAda, B.\n".encode("utf-16"),
        codecs.BOM_UTF16_BE + 'email,first name\nada@fresh.example,"Ada, B."\n'.encode("utf-16-be"),
    ],
    ids=["sep", "quoted sep", "UTF-16", "UTF-16, the other way round"],
)
def test_files_are_taken_as_spreadsheets_write_them(cast: Cast, empty: Campaign, text: str | bytes) -> None:
    upload = planned(cast.mo, empty, text)
    assert upload.chunks.get().leads == [{"email": "ada@fresh.example", "first_name": "Ada, B."}]
    assert upload.lines.get().line == (3 if "sep=" in str(text) else 2)


def test_too_many_leads_are_refused_and_nothing_of_them_kept(
    cast: Cast, empty: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "MOST", 3)
    monkeypatch.setattr(Imail, "leads_at_once", 2)
    answer = posted(cast.mo, empty, "email\n" + "".join(f"p{n}@fresh.example\n" for n in range(4)))
    assert "more than 3 leads" in answer.context["form"].errors["file"][0]
    assert [model.objects.count() for model in (LeadUpload, LeadLine, LeadChunk)] == [0, 0, 0]


def test_who_is_twice_in_a_long_file_is_sent_once_also_across_its_pieces(
    cast: Cast, empty: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Imail, "leads_at_once", 2)
    upload = planned(cast.mo, empty, "email\na@x.example\nb@x.example\nc@x.example\nA@x.example\n")
    assert list(upload.lines.order_by("line").values_list("chunk", "state")) == [
        (0, "waiting"), (0, "waiting"), (1, "waiting"), (None, "twice"),
    ]  # fmt: skip


def test_reading_costs_queries_by_the_piece_and_not_by_the_line(cast: Cast, empty: Campaign) -> None:
    def cost(lines: int) -> int:
        with CaptureQueriesContext(database) as queries:
            planned(cast.mo, empty, "email\n" + "".join(f"p{n}@fresh.example\n" for n in range(lines)))
        return len(queries)

    cost(2)
    assert cost(2) == cost(90)


def test_the_page_costs_the_same_for_two_lines_and_for_many(cast: Cast, empty: Campaign) -> None:
    def cost(lines: int) -> int:
        upload = planned(cast.mo, empty, "email\n" + "".join(f"p{n}\n" for n in range(lines)) + "a@x.example\n")
        browser = signed_in(cast.mo)
        with CaptureQueriesContext(database) as queries:
            assert browser.get(f"/uploads/{upload.uuid}/").status_code == 200
        return len(queries)

    assert cost(2) == cost(200)


def test_a_preview_that_is_dropped_or_forgotten_leaves_nothing(cast: Cast, empty: Campaign) -> None:
    upload = planned(cast.mo, empty)
    signed_in(cast.mo).post(f"/uploads/{upload.uuid}/drop/")
    assert [model.objects.count() for model in (LeadUpload, LeadLine, LeadChunk)] == [0, 0, 0]
    later = planned(cast.mo, empty)
    assert later.next_at is not None
    assert later.next_at - timezone.now() < timedelta(days=1)
    LeadUpload.objects.update(next_at=timezone.now())
    assert later in LeadUpload.objects.due()
    with pytest.raises(LeadUpload.DoesNotExist):
        go_on(later)
    assert not LeadChunk.objects.exists()


def test_an_old_preview_and_one_of_a_campaign_that_is_gone_are_not_sent(cast: Cast, empty: Campaign, box: Sandbox) -> None:
    upload = planned(cast.mo, empty)
    LeadUpload.objects.update(made_at=timezone.now() - timedelta(hours=2))
    refused = signed_in(cast.mo).post(f"/uploads/{upload.uuid}/confirm/")
    assert (refused.status_code, "more than an hour old" in text_of(refused)) == (422, True)
    LeadUpload.objects.update(made_at=timezone.now())
    Campaign.objects.filter(pk=empty.pk).update(gone_at=timezone.now())
    assert "no longer lists this campaign" in text_of(signed_in(cast.mo).post(f"/uploads/{upload.uuid}/confirm/"))
    assert posted(cast.mo, empty, FRESH).status_code == 422
    assert (sent(box), "leads.confirmed" in actions()) == ([], False)


def test_the_way_there_is_on_the_campaigns_page_where_its_vendor_takes_leads(
    cast: Cast, account: Connection, empty: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, way = f"/clients/acme/campaigns/{empty.uuid}/", f"/clients/acme/campaigns/{empty.uuid}/leads/"
    assert way in text_of(signed_in(cast.mo).get(url))
    assert way not in text_of(signed_in(cast.ben).get(url))
    monkeypatch.setattr(Imail, "can", frozenset())
    assert way not in text_of(signed_in(cast.mo).get(url))
