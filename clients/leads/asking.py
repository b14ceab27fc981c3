"""Leads as people bring them: a file, looked at in a preview, confirmed, and then on its way (`working`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import batched
from typing import IO, Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from agency.models import User
from agency.queue import announce
from clients import bulk
from clients.leads import history
from clients.leads.reading import BadFile, Leads, Line
from clients.models import Campaign, Client, Connection, Health, LeadChunk, LeadLine, LeadState, LeadUpload, UploadState
from clients.vendors.text import sentence

KEEPS = timedelta(hours=1)  # a preview
FORGOTTEN = timedelta(days=1)  # what was not sent
MOST = 100_000  # leads of one file
AT_ONCE = 1_000  # lines written in one transaction: others wait for SQLite meanwhile
_ROW = ("upload_id", "line", "email", "chunk", "state", "said")
TASK = "clients.upload_leads"


class NotNow(Exception):
    """The text says why this can't be done, and what helps."""


def barred(campaign: Campaign) -> str:
    """Why nobody can bring leads to it; empty where one can."""
    if campaign.gone_at:
        return "The vendor no longer lists this campaign."
    if campaign.status == "completed":
        return "This campaign is completed."
    return barred_from(campaign.connection)


def barred_from(connection: Connection) -> str:
    if connection.removed_at:
        return f"{connection.label} is removed: its key is forgotten."
    if "leads" not in connection.vendor_class.can:
        return f"{connection.vendor_class.label} takes no leads from outside."
    if connection.health != Health.OK:
        return f"{connection.label} can't be asked: {connection.get_health_display().lower()}. {connection.health_reason}".strip()
    return ""


def read(campaign: Campaign, client: Client, file: IO[bytes], name: str, by: HttpRequest) -> LeadUpload:
    """Stored as it is read, and nothing sent. Raises `BadFile`, keeping nothing."""
    leads = Leads(file)
    upload = LeadUpload.objects.create(
        connection=campaign.connection,
        campaign=campaign,
        client=client,
        file_name=sentence(name, 120),
        columns=[[column.header, column.what] for column in leads.columns],
        user=by.user if isinstance(by.user, User) else None,
        actor=str(by.user)[:254],
        next_at=timezone.now() + FORGOTTEN,
    )
    try:
        size = campaign.connection.vendor_class.leads_at_once
        first: dict[str, int] = {}  # the line of each address
        for number, batch in enumerate(batched(leads, size)):
            if number * size + len(batch) > MOST:
                raise BadFile(f"It has more than {MOST:,} leads: part it.")
            _keep(upload, number, batch, first)
        if not upload.lines.exists():
            raise BadFile("It has no line but the first.")
    except BadFile:
        forget(upload)
        raise
    finally:
        leads.release()
    LeadUpload.objects.filter(pk=upload.pk).update(state=UploadState.PLANNED)
    upload.state = UploadState.PLANNED
    return upload


def confirm(upload: LeadUpload, by: HttpRequest) -> None:
    """On its way: a worker sends it. Raises NotNow."""
    if why := stale(upload):
        raise NotNow(why)
    _send_on(upload, by, (UploadState.PLANNED,), "leads.confirmed")


def again(upload: LeadUpload, by: HttpRequest) -> None:
    """What a stop or a failure left out. Raises NotNow."""
    if why := _hindered(upload):
        raise NotNow(why)
    if not upload.chunks.filter(done=False).exists():
        raise NotNow("What was not sent is forgotten by now: bring the file again.")
    _send_on(upload, by, (UploadState.STOPPED, UploadState.FAILED), "leads.retried")


def stop(upload: LeadUpload, by: HttpRequest) -> None:
    if LeadUpload.objects.filter(pk=upload.pk, state=UploadState.SENDING, stop_asked=False).update(stop_asked=True):
        history.record(upload, "leads.stop_asked", by)


def drop(upload: LeadUpload) -> None:
    """A preview that nobody wants, with all that its file told. Raises NotNow."""
    if not LeadUpload.objects.filter(pk=upload.pk, state__in=(UploadState.READING, UploadState.PLANNED)).exists():
        raise NotNow("It has been sent already.")
    forget(upload)


def stale(upload: LeadUpload) -> str:
    """Why the preview can't be confirmed any more; '' where it can."""
    if upload.state != UploadState.PLANNED:
        return "It has been sent already." if upload.confirmed_at else "The file has not been read to its end."
    if why := _hindered(upload):
        return why
    if timezone.now() - upload.made_at > KEEPS:
        return "This preview is more than an hour old: bring the file again."
    if not upload.lines.filter(state=LeadState.WAITING).exists():
        return "None of its lines can be sent."
    return ""


def forget(upload: LeadUpload) -> None:
    with transaction.atomic():
        upload.lines.all().delete()
        upload.chunks.all().delete()
        LeadUpload.objects.filter(pk=upload.pk).delete()


def _keep(upload: LeadUpload, number: int, batch: Sequence[Line], first: dict[str, int]) -> None:
    """One call's worth. An address that stands in the file already is sent once."""
    rows: list[tuple[Any, ...]] = []
    leads = []
    whose, wrong, twice, waiting = upload.pk, LeadState.WRONG.value, LeadState.TWICE.value, LeadState.WAITING.value
    for line in batch:
        if line.wrong:
            rows.append((whose, line.number, line.email, None, wrong, line.wrong))
        elif (before := first.setdefault(line.email, line.number)) != line.number:
            rows.append((whose, line.number, line.email, None, twice, f"As in line {before:,}."))
        else:
            rows.append((whose, line.number, line.email, number, waiting, ""))
            leads.append(line.lead)
    for some in batched(rows, AT_ONCE):
        with transaction.atomic():
            bulk.insert(LeadLine, _ROW, some)
    if leads:
        LeadChunk.objects.create(upload=upload, number=number, leads=leads)


def _hindered(upload: LeadUpload) -> str:
    return f"{upload.client} is archived." if upload.client.is_archived else barred(upload.campaign)


def _send_on(upload: LeadUpload, by: HttpRequest, states: Sequence[UploadState], action: str) -> None:
    now = timezone.now()
    who = {"user": by.user if isinstance(by.user, User) else None, "actor": str(by.user)[:254]}
    fresh = {"stop_asked": False, "outcome": "", "finished_at": None, "counts": {}}
    try:
        with transaction.atomic():
            rows = LeadUpload.objects.filter(pk=upload.pk, state__in=states)
            if not rows.update(state=UploadState.SENDING, confirmed_at=now, next_at=now, **who, **fresh):
                raise NotNow("It is being sent already.")
            upload.refresh_from_db()
            history.record(upload, action, by, after=history.said(upload))
            announce(TASK, upload.pk)
    except IntegrityError:
        raise NotNow("Other leads are being brought to this campaign just now: wait until those are through.") from None
