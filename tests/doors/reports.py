from __future__ import annotations

from tests.doors import FromWorld, table

DOORS = table("""
                              anonymous  stranger  viewer  analyst  manager  owner
GET   overview                    in        200      200      200      200    200
GET   overview-progress           in        200      200      200      200    200
GET   clients                     in        200      200      200      200    200
GET   client                      in        404      200      200      200    200
GET   client-connections          in        404      200      200      200    200
GET   client-reports              in        404      200      200      200    200
POST  client-reports              in        404      403      403       go     go
POST  report-link-rotate          in        404      403      403       go     go
POST  report-link-revoke          in        404      403      403       go     go
GET   client-broadcasts           in        404      200      200      200    200
GET   broadcast                   in        404      200      200      200    200
GET   client-senders              in        404      200      200      200    200
GET   client-seeds                in        404      200      200      200    200
GET   client-tests                in        404      200      200      200    200
GET   test                        in        404      200      200      200    200
GET   test-progress               in        404       go       go       go     go
GET   client-mails                in        404      200      200      200    200
GET   client-campaigns            in        404      200      200      200    200
GET   campaign                    in        404      200      200      200    200
GET   sender                      in        404      200      200      200    200
GET   client-activity             in        404      200      200      200    200
GET   senders                     in        200      200      200      200    200
GET   seeds                       in        200      200      200      200    200
GET   search                      in        200      200      200      200    200
GET   audit                       in        200      403      403      200    200
GET   audit-export                in        200      403      403      200    200
GET   changes                     in        200      403      403      200    200
GET   changes-export              in        200      403      403      200    200
GET   seed-account                in        404      200      200      200    200
POST  seed-file                   in        404      403      403      200    200
GET   overview-export             in        200      200      200      200    200
GET   clients-export              in        200      200      200      200    200
GET   senders-export              in        200      200      200      200    200
GET   seeds-export                in        200      200      200      200    200
GET   client-export               in        404      200      200      200    200
GET   client-broadcasts-export    in        404      200      200      200    200
GET   client-senders-export       in        404      200      200      200    200
GET   client-seeds-export         in        404      200      200      200    200
GET   client-tests-export         in        404      200      200      200    200
GET   test-export                 in        404      200      200      200    200
GET   client-mails-export         in        404      200      200      200    200
GET   client-campaigns-export     in        404      200      200      200    200
GET   campaign-export             in        404      200      200      200    200
GET   sender-export               in        404      200      200      200    200
GET   client-activity-export      in        404      200      200      200    200
GET   client-connections-export   in        404      200      200      200    200
GET   client-reports-export       in        404      200      200      200    200
GET   broadcast-export            in        404      200      200      200    200
GET   feeds                       in        200      403      200      200    200
GET   feeds-export                in        200      403      200      200    200
GET   connections-export          in        200      403      200      200    200
GET   connection-export           in        404      403      200      200    200
GET   unassigned-export           in        200      403      200      200    200
GET   changes-export              in        200      403      403      200    200
GET   change-export               in        404      403      403      200    200
GET   lead-upload-export          in        404      403      403      200    200
GET   seed-account-export         in        404      200      200      200    200
GET   team-export                 in        200      403      403      200    200
GET   client-conversations        in        404      200      200      200    200
GET   client-conversations-export  in       404      200      200      200    200
GET   client-pipeline             in        404      200      200      200    200
GET   client-pipeline-export      in        404      200      200      200    200
GET   saved-views                 in        200      200      200      200    200
POST  saved-views                 in         go       go       go       go     go
POST  saved-view-rename           in        404      404      404      404     go
POST  saved-view-default          in        404      404      404      404     go
POST  saved-view-delete           in        404      404      404      404     go
GET   events                      in        200      403      200      200    200
GET   event                       in        404      403      200      200    200
GET   events-export               in        200      403      200      200    200
GET   report                     200        200      200      200      200    200
""")

KWARGS: dict[str, FromWorld] = {
    "client": lambda world: {"slug": world.cast.acme.slug},
    "client-connections": lambda world: {"slug": world.cast.acme.slug},
    "client-reports": lambda world: {"slug": world.cast.acme.slug},
    "report-link-rotate": lambda world: {"slug": world.cast.acme.slug, "uuid": world.link.uuid},
    "report-link-revoke": lambda world: {"slug": world.cast.acme.slug, "uuid": world.link.uuid},
    "client-broadcasts": lambda world: {"slug": world.cast.acme.slug},
    "broadcast": lambda world: {"slug": world.cast.acme.slug, "uuid": world.broadcast.uuid},
    "client-senders": lambda world: {"slug": world.cast.acme.slug},
    "client-seeds": lambda world: {"slug": world.cast.acme.slug},
    "client-tests": lambda world: {"slug": world.cast.acme.slug},
    "test": lambda world: {"slug": world.cast.acme.slug, "uuid": world.test.uuid},
    "test-progress": lambda world: {"slug": world.cast.acme.slug, "uuid": world.test.uuid},
    "client-mails": lambda world: {"slug": world.cast.acme.slug},
    "client-mails-export": lambda world: {"slug": world.cast.acme.slug, "table": "mails"},
    "client-campaigns": lambda world: {"slug": world.cast.acme.slug},
    "campaign": lambda world: {"slug": world.cast.acme.slug, "uuid": world.campaign.uuid},
    "sender": lambda world: {"slug": world.cast.acme.slug, "uuid": world.sender.uuid},
    "client-activity": lambda world: {"slug": world.cast.acme.slug},
    "audit-export": lambda world: {"table": "audit"},
    "changes-export": lambda world: {"table": "changes"},
    "feeds-export": lambda world: {"table": "feeds"},
    "seed-account": lambda world: {"uuid": world.connection.uuid},
    "seed-file": lambda world: {"uuid": world.connection.uuid},
    "overview-export": lambda world: {"table": "placement"},
    "clients-export": lambda world: {"table": "clients"},
    "senders-export": lambda world: {"table": "senders"},
    "seeds-export": lambda world: {"table": "seeds"},
    "client-export": lambda world: {"slug": world.cast.acme.slug, "table": "placement"},
    "client-broadcasts-export": lambda world: {"slug": world.cast.acme.slug, "table": "broadcasts"},
    "client-senders-export": lambda world: {"slug": world.cast.acme.slug, "table": "senders"},
    "client-seeds-export": lambda world: {"slug": world.cast.acme.slug, "table": "seeds"},
    "client-tests-export": lambda world: {"slug": world.cast.acme.slug, "table": "test-emails"},
    "test-export": lambda world: {"slug": world.cast.acme.slug, "uuid": world.test.uuid, "table": "test-emails"},
    "client-campaigns-export": lambda world: {"slug": world.cast.acme.slug, "table": "campaigns"},
    "campaign-export": lambda world: {"slug": world.cast.acme.slug, "uuid": world.campaign.uuid, "table": "activity"},
    "sender-export": lambda world: {"slug": world.cast.acme.slug, "uuid": world.sender.uuid, "table": "activity"},
    "client-activity-export": lambda world: {"slug": world.cast.acme.slug, "table": "log"},
    "client-connections-export": lambda world: {"slug": world.cast.acme.slug, "table": "connections"},
    "client-reports-export": lambda world: {"slug": world.cast.acme.slug, "table": "report_links"},
    "broadcast-export": lambda world: {"slug": world.cast.acme.slug, "uuid": world.broadcast.uuid, "table": "placement"},
    "connections-export": lambda world: {"table": "connections"},
    "connection-export": lambda world: {"uuid": world.connection.uuid, "table": "runs"},
    "unassigned-export": lambda world: {"table": "unassigned"},
    "change-export": lambda world: {"uuid": world.change.uuid, "table": "change_senders"},
    "lead-upload-export": lambda world: {"uuid": world.upload.uuid, "table": "lead-lines"},
    "seed-account-export": lambda world: {"uuid": world.connection.uuid, "table": "shuffles"},
    "team-export": lambda world: {"table": "team"},
    "client-conversations": lambda world: {"slug": world.cast.acme.slug},
    "client-conversations-export": lambda world: {"slug": world.cast.acme.slug, "table": "conversations"},
    "client-pipeline": lambda world: {"slug": world.cast.acme.slug},
    "client-pipeline-export": lambda world: {"slug": world.cast.acme.slug, "table": "pipeline"},
    "saved-view-rename": lambda world: {"uuid": world.view.uuid},
    "saved-view-default": lambda world: {"uuid": world.view.uuid},
    "saved-view-delete": lambda world: {"uuid": world.view.uuid},
    "event": lambda world: {"uuid": world.event.uuid},
    "events-export": lambda world: {"table": "events"},
    "report": lambda world: {"token": world.link_token},
}

DATA: dict[str, FromWorld] = {
    "saved-views": lambda world: {"at": "/senders/", "name": "Mornings", "query": "tag=vip"},
    "saved-view-rename": lambda world: {"name": "Evenings"},
    "seed-file": lambda world: {"client": world.cast.acme.slug, "file": "current:plain"},
    "client-reports": lambda world: {"name": "Ms Kay", "expires": "30", "window": "30"},
}
#: In names and addresses of both clients.
QUERY: dict[str, str] = {"search": "?q=exam"}
WRITES: dict[str, set[str]] = {"report": {"reports_reportlink"}}
