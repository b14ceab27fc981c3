"""Mail written, confirmed, looked at, taken back. Nothing leaves from here: a worker sends it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients.forms.mails import ComposeForm
from clients.models import Client, Mail, PlacementTest, Purpose
from clients.progress import SOON
from clients.sending import asking, identities, landing, latest, probing, seeding, threads, wording
from clients.sending.identities import Identity
from clients.sending.seeding import Batch
from clients.sending.threads import Thread

TEMPLATE = "clients/mail_form.html"
#: Where a probe has landed is known by then, or stays unknown.
WATCHED = timedelta(days=1)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def new(request: AgencyRequest, slug: str) -> HttpResponse:
    """Written, then shown with whom it reaches, then confirmed: three looks at one address, the second and third by POST."""
    client: Client = get_object_or_404(Client.objects.visible_to(request.member).select_related("agency"), slug=slug)
    answers, test = _answered(client, request), _tested(client, request)
    known = _identities(client, answers)
    purpose = Purpose.PROBE if test or "seeds" in request.GET else Purpose.LETTER
    # Its vendor is asked for the mail of a test, so only for a form that is still empty.
    probing_now = purpose == Purpose.PROBE and request.method != "POST"
    batch = _batch(client, test, known, request) if probing_now else None
    initial = {**_probe(test), "to": ",\n".join(batch.to)} if batch else {}
    form = ComposeForm(
        request.POST or None, client=client, identities=known, answers=answers, purpose=purpose, test=test, initial=initial
    )  # fmt: skip
    context: dict[str, Any] = {
        "client": client, "form": form, "answers": answers, "identities": known, "test": test,
        "probe": purpose == Purpose.PROBE, "batch": batch,
        "stranger": seeding.stranger(test, known) if test else "", "code": seeding.code_of(test) if test else "",
    }  # fmt: skip
    draft = form.draft if request.method == "POST" and form.is_valid() else None
    if draft and test and (code := seeding.code_of(test)) and code not in draft.text + draft.html:
        form.add_error("text", f"Put the test's code {code} into the text: without it the test does not know the mail.")
        draft = None
    if draft and "confirm" in request.POST:
        try:
            made = asking.ask(client, draft, form.cleaned_data["batch"], request)
        except asking.NotNow as error:
            form.add_error(None, str(error))
        else:
            return redirect("mail", made[0].uuid) if len(made) == 1 else redirect("client-mails", client.slug)
    elif draft and "edit" not in request.POST:
        context |= {"draft": draft, "confirm": wording.confirmation(draft)}
    return page(request, TEMPLATE, context, status=422 if form.is_bound and form.errors else 200)


@require_safe
@member_view()
def show(request: AgencyRequest, uuid: str) -> HttpResponse:
    return page(request, "clients/mail.html", _context(request, _found(request, uuid)))


@require_safe
@member_view()
def progress(request: AgencyRequest, uuid: str) -> HttpResponse:
    found = _found(request, uuid)
    if not request.htmx:
        return redirect("mail", found.uuid)
    return page(request, "clients/mail.html", _context(request, found), part="status")


@require_POST
@member_view(Role.MANAGER)
def cancel(request: AgencyRequest, uuid: str) -> HttpResponse:
    found = _found(request, uuid)
    try:
        asking.cancel(found, request)
    except asking.NotNow as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"The mail to {found.to} is taken back: it does not leave.")
    return redirect("mail", found.uuid)


@require_POST
@member_view(Role.MANAGER)
def again(request: AgencyRequest, uuid: str) -> HttpResponse:
    found = _found(request, uuid)
    try:
        asking.again(found, request)
    except asking.NotNow as error:
        messages.error(request, str(error))
    return redirect("mail", found.uuid)


def _found(request: AgencyRequest, uuid: str) -> Mail:
    found: Mail = get_object_or_404(
        Mail.objects.visible_to(request.member).select_related("client__agency", "connection", "user", "test"), uuid=uuid
    )
    return found


def _context(request: AgencyRequest, mail: Mail) -> dict[str, Any]:
    landed = landing.of(mail)
    known = latest.of([mail])[mail.pk]
    waits = mail.is_open and mail.due_at > timezone.now() + SOON
    return {
        "mail": mail,
        "client": mail.client,
        "tone": known.tone,
        "state": known.word,
        "facts": wording.facts(mail),
        "landing": landed,
        "talk": threads.conversation_of(mail),
        "watched": bool(landed) and not (landed and landed.known) and mail.created_at > timezone.now() - WATCHED,
        "asleep": waits,  # there is nothing to look at every second
        "unattended": mail.is_open and mail.due_at < timezone.now() - SOON and mail.claimed_until is None,
        "may_write": request.member.may(Role.MANAGER),
        "may_reply": request.member.may(Role.MANAGER) and bool(mail.conversation),
    }


def _answered(client: Client, request: AgencyRequest) -> Thread | None:
    """`?reply=` names a mail of this client's that has a conversation, `?conversation=` the conversation itself."""
    if asked := request.GET.get("reply"):
        return threads.of_mail(get_object_or_404(_by_uuid(Mail.objects.filter(client=client).exclude(conversation=""), asked)))
    if not (asked := request.GET.get("conversation")):
        return None
    found = threads.of_conversation(get_object_or_404(_by_uuid(threads.answerable(client), asked)))
    if found is None:
        raise Http404
    return found


def _tested(client: Client, request: AgencyRequest) -> PlacementTest | None:
    asked = request.GET.get("test")
    if not asked:
        return None
    found: PlacementTest = get_object_or_404(_by_uuid(PlacementTest.objects.of_client(client), asked))
    if not seeding.of_test(found):
        raise Http404
    return found


def _by_uuid(rows: Any, text: str) -> Any:
    try:
        return rows.filter(uuid=UUID(text))
    except ValueError:
        raise Http404 from None


def _identities(client: Client, answers: Thread | None) -> list[Identity]:
    return [one for one in identities.of(client) if answers is None or answers.is_of(one)]


def _batch(client: Client, test: PlacementTest | None, known: list[Identity], request: AgencyRequest) -> Batch:
    """`?from=` says how many of the addresses were written to before."""
    asked = request.GET.get("from", "")
    first = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0
    return seeding.batch(seeding.of_test(test) if test else seeding.seeds(client), known[0] if known else None, first)


def _probe(test: PlacementTest | None) -> dict[str, str]:
    if test is None:
        return {}
    text, html = probing.mail_of(test)
    return {"subject": test.subject, "text": text, "html": html}
