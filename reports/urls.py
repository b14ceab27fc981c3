from typing import Any

from django.urls import path

from reports import public
from reports.views import (
    activity,
    audit,
    broadcasts,
    changes,
    client,
    clients,
    connections,
    links,
    mails,
    overview,
    placement_tests,
    seed_account,
    seeds,
    senders,
)
from reports.views.export import export

# The report's names: overview, overview-progress, client, client-broadcasts, broadcast, client-senders, client-seeds,
# client-tests, test, client-mails, client-activity, client-reports, senders, seeds, seed-account, report; each export has its
# page's address with export/<table>.csv.
_EXPORTED = {
    "overview": "",
    "clients": "clients/",
    "senders": "senders/",
    "seeds": "seeds/",
    "seed-account": "seeds/<uuid:uuid>/",
    "client": "clients/<slug:slug>/",
    "client-broadcasts": "clients/<slug:slug>/broadcasts/",
    "client-senders": "clients/<slug:slug>/senders/",
    "client-seeds": "clients/<slug:slug>/seeds/",
    "client-tests": "clients/<slug:slug>/tests/",
    "test": "clients/<slug:slug>/tests/<uuid:uuid>/",
    "client-mails": "clients/<slug:slug>/mails/",
    "client-activity": "clients/<slug:slug>/activity/",
    "client-connections": "clients/<slug:slug>/connections/",
    "client-reports": "clients/<slug:slug>/reports/",
    "broadcast": "clients/<slug:slug>/broadcasts/<uuid:uuid>/",
    "connections": "connections/",
    "connection": "connections/<uuid:uuid>/",
    "unassigned": "unassigned/",
    "changes": "changes/",
    "change": "changes/<uuid:uuid>/",
    "team": "settings/team/",
    "audit": "settings/audit/",
}

urlpatterns: list[Any] = [
    path("", overview.show, name="overview"),
    path("progress/", overview.poll, name="overview-progress"),
    path("clients/", clients.clients, name="clients"),
    path("clients/<slug:slug>/", client.placement, name="client"),
    path("clients/<slug:slug>/connections/", connections.connections, name="client-connections"),
    path("clients/<slug:slug>/reports/", links.links, name="client-reports"),
    path("clients/<slug:slug>/reports/<uuid:uuid>/new/", links.rotate, name="report-link-rotate"),
    path("clients/<slug:slug>/reports/<uuid:uuid>/revoke/", links.revoke, name="report-link-revoke"),
    path("clients/<slug:slug>/broadcasts/", broadcasts.broadcasts, name="client-broadcasts"),
    path("clients/<slug:slug>/broadcasts/<uuid:uuid>/", broadcasts.broadcast, name="broadcast"),
    path("clients/<slug:slug>/senders/", senders.of_client, name="client-senders"),
    path("clients/<slug:slug>/seeds/", seeds.of_client, name="client-seeds"),
    path("clients/<slug:slug>/tests/", placement_tests.tests, name="client-tests"),
    path("clients/<slug:slug>/tests/<uuid:uuid>/", placement_tests.test, name="test"),
    path("clients/<slug:slug>/tests/<uuid:uuid>/progress/", placement_tests.progress, name="test-progress"),
    path("clients/<slug:slug>/mails/", mails.mails, name="client-mails"),
    path("clients/<slug:slug>/activity/", activity.activity, name="client-activity"),
    path("senders/", senders.senders, name="senders"),
    path("seeds/", seeds.seeds, name="seeds"),
    path("changes/", changes.changes, name="changes"),
    path("settings/audit/", audit.audit, name="audit"),
    path("seeds/<uuid:uuid>/", seed_account.show, name="seed-account"),
    path("seeds/<uuid:uuid>/file/", seed_account.file, name="seed-file"),
    *(path(f"{page}export/<slug:table>.csv", export, {"page": name}, name=f"{name}-export") for name, page in _EXPORTED.items()),
    path("r/<str:token>/", public.report, name="report"),
]
