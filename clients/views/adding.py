"""Pages on which an API key is pasted. The key never comes back in clear, and never stands in a report of an error."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients import connecting, labels, trying
from clients.connecting import Claim, Duplicate
from clients.forms import ConnectionForm, KeyForm
from clients.ledgers import Mixed
from clients.models import Client, Connection, ScopeKind
from clients.moving import HistoryMoves
from clients.overlaps import ReadTwice, overlaps_of
from clients.trying import Verdict
from clients.twins import SecondKey
from clients.vendors import VENDORS
from clients.vendors.base import Vendor
from clients.views.acts import UNTIL_SYNCED

TEMPLATE = "clients/connection_form.html"


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def new(request: AgencyRequest) -> HttpResponse:
    vendor = _vendor(request)
    asked = {name: request.GET[name] for name in ("client", "kind", "label") if name in request.GET}
    form = ConnectionForm(request.POST or None, vendor=vendor, member=request.member, initial=_label(request) | asked)
    context = {"form": form, "vendor": vendor, "vendors": VENDORS.values()}
    if request.method == "POST" and form.is_valid():
        try:
            draft = connecting.draft(request.agency, vendor.slug, form.cleaned_data["label"], form.secrets)
            if form.is_taken(draft.label):
                return page(request, TEMPLATE, context, status=422)
            verdict = _tried(request, draft, form)
            context["doubt"] = verdict if verdict.good is None else None
            if verdict.good:
                form.refuse_parts(trying.unknown(draft, [(claim.kind, claim.value) for claim in _claims(form)]))
            if form.is_valid() and (verdict.good or _untested(request, verdict)):
                connection = connecting.add(draft, _claims(form), request, tested=bool(verdict.good), agrees=form.agrees)
                messages.success(request, _welcome(connection, form, again=connection.pk != draft.pk), UNTIL_SYNCED)
                for said in _also_read(connection):
                    messages.warning(request, said)
                return redirect("connection", connection.uuid)
        except Mixed as error:
            form.add_error("client", str(error))
        except ReadTwice as error:
            form.add_error("client", str(error))
            context["read_by"] = error.overlap.other
        except SecondKey as error:
            form.refuse(str(error))
            context["second_key"] = error.connection
        except HistoryMoves as error:
            form.ask_about(error.move)
        except Duplicate as error:
            context["duplicate"] = error.connection
    return page(request, TEMPLATE, context, status=422 if form.is_bound else 200)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def replace(request: AgencyRequest, uuid: str) -> HttpResponse:
    connection = get_object_or_404(Connection.objects.visible_to(request.member).present().select_related("agency"), uuid=uuid)
    form = KeyForm(request.POST or None, vendor=connection.vendor_class, member=request.member)
    context = {"form": form, "vendor": connection.vendor_class, "connection": connection}
    if request.method == "POST" and form.is_valid():
        try:
            trial = connecting.with_key(connection, form.secrets)
            verdict = _tried(request, trial, form)
            if verdict.good or _untested(request, verdict):
                connecting.replace(connection, trial, request, tested=bool(verdict.good))
                messages.success(request, f"The key of {connection.label} is replaced, and a sync is on the way.", UNTIL_SYNCED)
                return redirect("connection", connection.uuid)
            context["doubt"] = verdict if verdict.good is None else None
        except Mixed as error:
            form.refuse(str(error))
        except SecondKey as error:
            form.refuse(str(error))
            context["second_key"] = error.connection
        except Duplicate as error:
            context["duplicate"] = error.connection
    return page(request, TEMPLATE, context, status=422 if form.is_bound else 200)


@sensitive_variables()
def _tried(request: AgencyRequest, connection: Connection, form: KeyForm) -> Verdict:
    """Without a test where the person chose so: they were told first why none was possible."""
    if "untested" in request.POST:
        return Verdict(None, "")
    verdict = trying.test_new(connection)
    if verdict.good is False:
        form.refuse(verdict.text)
    return verdict


def _untested(request: AgencyRequest, verdict: Verdict) -> bool:
    return verdict.good is None and "untested" in request.POST


def _welcome(connection: Connection, form: ConnectionForm, *, again: bool) -> str:
    if form.agreed:
        whose = form.cleaned_data["client"] or "nobody"
        return f"{connection.label} is connected again: its history belongs to {whose} now, and a sync is on the way."
    if again:
        return f"{connection.label} is connected again: its history goes on where it was, and a sync is on the way."
    said = f"{connection.label} is connected. Its first sync is on the way."
    if ScopeKind.WORKSPACE in connection.vendor_class.scopes and not form.cleaned_data["client"]:
        said += " Then each of its workspaces can be given to a client, under ‘Whose it is’."
    return said


def _also_read(connection: Connection) -> list[str]:
    """What of it other accounts read too."""
    names: dict[str, list[str]] = {}
    for overlap in overlaps_of(connection):
        names.setdefault(overlap.other.label, []).append(overlap.name)
    return [
        f"{other} reads the same workspace{'s' if len(some) > 1 else ''}: {', '.join(some)}. What is a client's there can't be "
        "claimed here: it would be counted twice."
        for other, some in names.items()
    ]


def _claims(form: ConnectionForm) -> list[Claim]:
    client = form.cleaned_data["client"]
    return [Claim(client, kind, value) for kind, value in form.cleaned_data["claims"]] if client else []


def _label(request: AgencyRequest) -> dict[str, str]:
    """One's own client's name is a good first guess, with a number where an account has it."""
    client = Client.objects.visible_to(request.member).filter(slug=request.GET.get("client", "")).first()
    return {"label": labels.free(request.agency, client.name)} if client else {}


def _vendor(request: AgencyRequest) -> type[Vendor]:
    slug = request.POST.get("vendor") or request.GET.get("vendor") or next(iter(VENDORS))
    if slug not in VENDORS:
        raise Http404
    return VENDORS[slug]
