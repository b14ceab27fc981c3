"""Leads brought to a campaign, from the file through its preview to each line's result: nothing is sent before it was shown."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients.forms.lead_uploads import LeadFileForm
from clients.leads import asking, wording
from clients.leads.asking import NotNow
from clients.leads.reading import BadFile
from clients.models import Campaign, Client, LeadUpload, UploadState
from clients.progress import untaken

TEMPLATE = "clients/lead_upload.html"


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def new(request: AgencyRequest, slug: str, uuid: str) -> HttpResponse:
    client: Client = get_object_or_404(Client.objects.visible_to(request.member), slug=slug)
    rows = Campaign.objects.of_client(client).filter(connection__agency=request.agency).select_related("connection__agency")
    campaign = get_object_or_404(rows, uuid=uuid)
    barred = f"{client} is archived." if client.is_archived else asking.barred(campaign)
    form = LeadFileForm(request.POST, request.FILES) if request.method == "POST" else LeadFileForm()
    if form.is_bound and form.is_valid() and not barred:
        file = form.cleaned_data["file"]
        try:
            made = asking.read(campaign, client, cast("Any", file.file), file.name or "", request)
        except BadFile as error:
            form.add_error("file", str(error))
        else:
            return redirect("lead-upload", made.uuid)
    context = {
        "client": client, "campaign": campaign, "form": form, "barred": barred,
        "at_once": campaign.connection.vendor_class.leads_at_once,
    }  # fmt: skip
    return page(request, "clients/lead_upload_form.html", context, status=422 if form.is_bound else 200)


@require_safe
@member_view(Role.MANAGER)
def show(request: AgencyRequest, uuid: str) -> HttpResponse:
    return page(request, TEMPLATE, _context(_found(request, uuid)))


@require_safe
@member_view(Role.MANAGER)
def progress(request: AgencyRequest, uuid: str) -> HttpResponse:
    found = _found(request, uuid)
    if not request.htmx:
        return redirect("lead-upload", found.uuid)
    return page(request, TEMPLATE, _context(found), part="status")


@require_POST
@member_view(Role.MANAGER)
def confirm(request: AgencyRequest, uuid: str) -> HttpResponse:
    found = _found(request, uuid)
    try:
        asking.confirm(found, request)
    except NotNow as error:
        found.refresh_from_db(fields=["state", "confirmed_at"])
        if found.state == UploadState.PLANNED:
            return page(request, TEMPLATE, {**_context(found), "refused": str(error)}, status=422)
        # Pressed twice: the second answer is the one that is seen, and the leads are on their way.
    return redirect("lead-upload", found.uuid)


@require_POST
@member_view(Role.MANAGER)
def stop(request: AgencyRequest, uuid: str) -> HttpResponse:
    found = _found(request, uuid)
    asking.stop(found, request)
    return redirect("lead-upload", found.uuid)


@require_POST
@member_view(Role.MANAGER)
def again(request: AgencyRequest, uuid: str) -> HttpResponse:
    found = _found(request, uuid)
    try:
        asking.again(found, request)
    except NotNow as error:
        messages.error(request, str(error))
    return redirect("lead-upload", found.uuid)


@require_POST
@member_view(Role.MANAGER)
def drop(request: AgencyRequest, uuid: str) -> HttpResponse:
    found = _found(request, uuid)
    try:
        asking.drop(found)
    except NotNow as error:
        messages.error(request, str(error))
        return redirect("lead-upload", found.uuid)
    messages.success(request, "Dropped: nothing was sent, and nothing of the file is kept.")
    return redirect("campaign", found.client.slug, found.campaign.uuid)


def _found(request: AgencyRequest, uuid: str) -> LeadUpload:
    rows = LeadUpload.objects.visible_to(request.member)
    found: LeadUpload = get_object_or_404(rows.select_related("connection__agency", "client", "campaign__connection"), uuid=uuid)
    return found


def _context(upload: LeadUpload) -> dict[str, Any]:
    counts = wording.counts(upload)
    planned, over = upload.state == UploadState.PLANNED, upload.is_over
    waiting = upload.chunks.filter(done=False).count() if upload.state != UploadState.DONE else 0
    total = sum(number for state, number in counts.items() if state not in ("wrong", "twice"))
    return {
        "upload": upload,
        "client": upload.client,
        "campaign": upload.campaign,
        "tone": wording.TONES.get(UploadState(upload.state), ""),
        "facts": wording.facts(counts, over=over),
        "stale": asking.stale(upload) if planned or upload.state == UploadState.READING else "",
        "leads": counts.get("waiting", 0),
        "settled": total - counts.get("waiting", 0) - counts.get("sent", 0),
        "total": total,
        "calls": waiting,
        "columns": wording.columns(upload) if planned else [],
        "samples": wording.samples(upload) if planned else [],
        "lines": wording.lines(upload),
        "odd": sum(counts.get(state, 0) for state in ("wrong", "twice", "refused")),
        "forgotten": over and not upload.lines.exists(),
        "unattended": untaken(upload, upload.next_at) if upload.state == UploadState.SENDING else "",
    }
