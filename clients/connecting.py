"""What a person does to a connection: add it, test, replace its key, pause, resume, remove.

Calls to a vendor happen outside of any transaction; each act that changes a row writes one audit entry with it.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from agency import audit
from agency.models import Agency
from clients import checkpointing, feeding, lacking, ledgers, moving, overlaps, scoping, sync, trying, twins
from clients.models import Client, Connection, Health, Scope
from clients.moving import Move
from clients.trying import Verdict
from clients.twins import SecondKey

type By = HttpRequest | None  # a member's request, or None for a command


class Duplicate(Exception):
    """The key is already connected in this agency."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(f"This key is already connected as '{connection.label}'.")
        self.connection = connection


@dataclass(frozen=True)
class Claim:
    client: Client
    kind: str
    value: str = ""


@sensitive_variables()
def draft(agency: Agency, vendor: str, label: str, secrets: dict[str, str]) -> Connection:
    """An unsaved connection. Raises Duplicate."""
    connection = Connection(agency=agency, vendor=vendor, label=label)
    connection.keep(secrets)
    _no_twin(connection)
    return connection


@sensitive_variables()
def add(
    draft: Connection, claims: list[Claim], by: By, *, tested: bool = True, agrees: moving.Agrees = moving.never
) -> Connection:
    """Stores a draft with its feeds and scopes, all of it due at once. Raises Duplicate.

    A removed connection of the same account is taken up again instead, whichever key it had: that row is what comes back, with
    the rows it has. Raises `moving.HistoryMoves` where a client would lose them, unless `agrees` says yes, `twins.SecondKey`,
    `ledgers.Mixed`, and `overlaps.ReadTwice`.
    """
    try:
        with transaction.atomic():
            twin = twins.twin_of(draft)
            if twin and not twin.removed_at:
                raise SecondKey(twin)
            ledgers.keep_apart(draft, [claim.client for claim in claims])
            overlaps.refuse_twice(draft, [(claim.kind, claim.value) for claim in claims])
            draft.settings = twins.noted(draft)
            known = _removed_twin(draft, twin)
            connection, were = known or draft, _claims_of(known) if known else []
            if known:
                move = Move.between(known, (claim.client for claim in were), (claim.client for claim in claims))
                moving.ask_first(move, agrees)
                moving.record(move, by)
                _take_up(known, draft)
            connection.last_ok_at = timezone.now() if tested else connection.last_ok_at
            connection.save()
            feeding.complete(connection)
            _set_scopes(connection, claims)
            said = {"vendor": connection.vendor, "key": _ends(connection), "tested": tested, "scopes": _said(claims)}
            action, before = ("connection.taken_up", {"scopes": _said(were)}) if known else ("connection.added", {})
            _record(by, action, connection, before=before, after=said)
            _make_due(connection, by)
    except IntegrityError as error:
        _no_twin(draft)
        raise error
    return connection


@sensitive_variables()
def with_key(connection: Connection, secrets: dict[str, str]) -> Connection:
    """An unsaved twin that holds the new key, to be tested. Raises Duplicate, and `ledgers.Mixed` for a key to the other
    ledger: what came home stays, so that is another account."""
    trial = copy.copy(connection)
    trial.settings = twins.forgotten(trial)
    trial.keep(secrets)
    ledgers.stays(connection, trial)
    _no_twin(trial)
    return trial


def replace(connection: Connection, trial: Connection, by: By, *, tested: bool = True) -> None:
    """The twin's key becomes the connection's; a refused one works again and is due at once. Raises Duplicate and
    `twins.SecondKey`."""
    before = _ends(connection)
    try:
        with transaction.atomic():
            if twin := twins.twin_of(trial):
                raise SecondKey(twin)
            connection.credentials, connection.last4, connection.fingerprint = trial.credentials, trial.last4, trial.fingerprint
            # What the old key was not allowed to do, this one may.
            connection.settings = {name: value for name, value in twins.noted(trial).items() if name != lacking.REFUSED}
            connection.save(update_fields=["credentials", "last4", "fingerprint", "settings"])
            # It may be another account's: a whole pass finds out (`clients.passes`).
            connection.feeds.update(watermark=None, checkpoint=None, position="", lacks="")
            if connection.health == Health.REFUSED:
                _set_health(connection, Health.OK)
            _record(
                by,
                "connection.key_replaced",
                connection,
                before={"key": before},
                after={"key": _ends(connection), "tested": tested},
            )
            _make_due(connection, by)
    except IntegrityError as error:
        _no_twin(connection)
        raise error


def test_stored(connection: Connection, by: By) -> Verdict:
    """Tests the key we hold and keeps what is learnt: a refused key is marked, one that works again is due at once."""
    verdict = trying.test(connection)
    with transaction.atomic():
        if verdict.good is False and connection.health == Health.OK:
            _set_health(connection, Health.REFUSED, verdict.text)
        if verdict.good:
            connection.last_ok_at = timezone.now()
            connection.save(update_fields=["last_ok_at"])
        if verdict.good and connection.health == Health.REFUSED:
            _set_health(connection, Health.OK)
            _make_due(connection, by)
        elif verdict.good and any(feed.held_off for feed in connection.feeds.all()):
            # The vendor has let this call pass: what it had put off need not wait.
            _make_due(connection, by)
        outcome = {True: "good", False: "refused", None: "could not tell"}[verdict.good]
        _record(by, "connection.tested", connection, after={"outcome": outcome})
    return verdict


def pause(connection: Connection, by: By, reason: str = "") -> None:
    with transaction.atomic():
        if _alone(connection).health == Health.PAUSED:
            return
        _set_health(connection, Health.PAUSED, reason)
        _record(by, "connection.paused", connection, reason=reason)


def resume(connection: Connection, by: By, reason: str = "") -> None:
    with transaction.atomic():
        now = _alone(connection)
        if now.health != Health.PAUSED or now.removed_at:
            return
        _set_health(connection, Health.OK)
        _record(by, "connection.resumed", connection, reason=reason)
        _make_due(connection, by)


def remove(connection: Connection, by: By) -> None:
    """Forgets the key and keeps the history. The key's fingerprint stays: `add` knows by it what the history belongs to, where
    the account's senders don't tell."""
    with transaction.atomic():
        if _alone(connection).removed_at:
            return
        ended = _ends(connection)
        connection.credentials = connection.last4 = ""
        connection.removed_at = timezone.now()
        connection.save(update_fields=["credentials", "last4", "removed_at"])
        who = by.user if by else "a command at the terminal"
        _set_health(connection, Health.PAUSED, f"Removed by {who}: its key is forgotten, its history is kept.")
        _record(by, "connection.removed", connection, before={"key": ended})


def _alone(connection: Connection) -> checkpointing.Locked:
    """As it is now, until the transaction ends: of two who do the same at once, the second finds it done."""
    return checkpointing.lock(connection.pk)


def _removed_twin(draft: Connection, twin: Connection | None) -> Connection | None:
    """Of the same account, else of the same key. The row is locked: of two who take it up, the second finds it present."""
    removed = Connection.objects.of(draft.agency).exclude(removed_at=None).select_for_update(no_key=True)
    if twin:
        return removed.filter(pk=twin.pk).first()
    return removed.filter(vendor=draft.vendor, fingerprint=draft.fingerprint).order_by("-removed_at").first()


@sensitive_variables()
def _take_up(known: Connection, draft: Connection) -> None:
    known.keep(draft.secrets())
    known.label, known.removed_at, known.settings = draft.label, None, draft.settings
    known.health, known.health_reason, known.health_since = Health.OK, "", timezone.now()
    # Where an old pass stood says nothing about the vendor's list of today.
    known.feeds.update(checkpoint=None)


def _set_scopes(connection: Connection, claims: list[Claim]) -> None:
    connection.scopes.all().delete()
    for claim in claims:
        Scope.objects.create(connection=connection, client=claim.client, kind=claim.kind, value=claim.value)
    scoping.reassign(connection)


def _claims_of(connection: Connection) -> list[Claim]:
    scopes = connection.scopes.select_related("client").order_by("pk")
    return [Claim(scope.client, scope.kind, scope.value) for scope in scopes]


def _set_health(connection: Connection, health: Health, reason: str = "") -> None:
    connection.health, connection.health_reason, connection.health_since = health, reason[:300], timezone.now()
    connection.save(update_fields=["health", "health_reason", "health_since"])


def _make_due(connection: Connection, by: By) -> None:
    connection.feeds.update(failures=0)
    sync.request(connection, by_a_person=by is not None)


def _no_twin(connection: Connection) -> None:
    same = Connection.objects.of(connection.agency).present().filter(vendor=connection.vendor, fingerprint=connection.fingerprint)
    if twin := same.exclude(uuid=connection.uuid).first():
        raise Duplicate(twin)


def _ends(connection: Connection) -> str:
    return f"…{connection.last4}" if connection.last4 else "(not shown)"


def _said(claims: list[Claim]) -> list[str]:
    return [f"{claim.client.name}: {claim.kind} {claim.value}".strip() for claim in claims]


def _record(by: By, action: str, connection: Connection, *, client: Client | None = None, **said: Any) -> None:
    """What was done to an account is found by each client that it serves; `client`: it concerns this one alone."""
    audit.record(by, action, connection.label, agency=connection.agency, subject=(client or connection).uuid, **said)
