"""A campaign of our own making, and its start."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from agency.secrets import Unreadable
from clients.campaigning import choosing, limits, making, sequence, starting
from clients.forms.campaigns import NewCampaignForm
from clients.models import Campaign, Client, Connection
from clients.vendors.errors import VendorError


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def new(request: AgencyRequest, slug: str) -> HttpResponse:
    """`?at=` names the account."""
    client: Client = get_object_or_404(Client.objects.visible_to(request.member), slug=slug)
    accounts = choosing.accounts(client)
    account = _account(accounts, request.POST.get("at") or request.GET.get("at") or "")
    context: dict[str, Any] = {"client": client, "accounts": accounts, "account": account}
    if account is None:
        return page(request, "clients/campaign_form.html", context)
    barred = choosing.barred(account, client)
    form = NewCampaignForm(request.POST or None, client=client, connection=account)
    wrong = form.is_bound and not form.wants_more
    if "preview" in request.POST and not form.wants_more and form.is_valid():
        context["preview"], wrong = sequence.lines(form.new.steps), False
    elif wrong and form.is_valid() and not barred:
        try:
            made = making.make(client, account, form.new, request)
        except making.NameTaken:
            form.add_error("name", "A campaign of this name is there already.")
        except making.NotNow as error:
            form.add_error(None, str(error))
        except (VendorError, Unreadable) as error:
            form.refuse(error)
        else:
            return _made(request, client, made.campaign, made.lacks)
    return page(request, "clients/campaign_form.html", {**context, "form": form, "barred": barred}, status=422 if wrong else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def start(request: AgencyRequest, slug: str, uuid: str) -> HttpResponse:
    """Shown first: from here on real mail leaves."""
    client: Client = get_object_or_404(Client.objects.visible_to(request.member), slug=slug)
    rows = (
        Campaign.objects.of_client(client)
        .filter(connection__agency=request.agency)
        .select_related("connection__agency", "client")
    )
    campaign = get_object_or_404(rows, uuid=uuid)
    barred = f"{client} is archived." if client.is_archived else starting.barred(campaign)
    context: dict[str, Any] = {"client": client, "campaign": campaign, "barred": barred, "is_most": limits.is_most(campaign)}
    context["sequence"] = sequence.of(campaign)
    context["too_much"] = limits.too_much(campaign, limits.senders(campaign))
    context["nobody"] = nobody = campaign.raw.get("leads") == 0 and not any(campaign.leads.values())
    if request.method == "POST" and nobody and not barred and "without_leads" not in request.POST:
        context["unticked"] = True
    elif request.method == "POST" and not barred:
        try:
            starting.start(campaign, request)
        except (VendorError, Unreadable) as error:
            context["refused"] = str(error)
        else:
            messages.success(request, f"{campaign} is active: it sends within its window.")
            return redirect("campaign", client.slug, campaign.uuid)
    return page(request, "clients/campaign_start.html", context, status=422 if request.method == "POST" else 200)


def _account(accounts: list[Connection], asked: str) -> Connection | None:
    """The only one is chosen without a question."""
    if len(accounts) == 1 and not asked:
        return accounts[0]
    return next((account for account in accounts if str(account.uuid) == asked), None)


def _made(request: AgencyRequest, client: Client, made: Campaign, lacks: tuple[str, ...]) -> HttpResponse:
    if lacks:
        words = f"{made} was made from the form as it was sent first. What was changed since is not in it: {', '.join(lacks)}."
        messages.warning(request, f"{words} Look through the draft before you start it.")
    if made.client_id != client.pk:
        messages.warning(request, f"{made} is made, as a draft; its senders are not {client}'s alone, so it stands with nobody.")
        return redirect("client-campaigns", client.slug)
    messages.success(request, f"{made} is made, as a draft: bring its leads, then start it.")
    return redirect(reverse("campaign", args=[client.slug, made.uuid]))
