from __future__ import annotations

from tests.doors import FromWorld, table

DOORS = table("""
                              anonymous  stranger  viewer  analyst  manager  owner
GET   client-new                  in        200      403      403      200    200
POST  client-new                  in         go      403      403       go     go
GET   client-edit                 in        404      403      403      200    200
POST  client-edit                 in        404      403      403       go     go
POST  client-archive              in        404      403      403       go     go
POST  client-restore              in        404      403      403       go     go
GET   connections                 in        200      403      200      200    200
GET   connection-new              in        200      403      403      200    200
POST  connection-new              in        200      403      403      200    200
GET   connection                  in        404      403      200      200    200
GET   connection-progress         in        404      403       go       go     go
POST  connection-sync             in        404      403      403       go     go
POST  connection-test             in        404      403      403       go     go
POST  connection-pause            in        404      403      403       go     go
POST  connection-resume           in        404      403      403       go     go
GET   connection-replace          in        404      403      403      200    200
POST  connection-replace          in        404      403      403      200    200
POST  connection-remove           in        404      403      403       go     go
GET   connection-scopes           in        404      403      403      200    200
POST  connection-scopes           in        404      403      403      200    200
POST  scope-remove                in        404      403      403       go     go
GET   unassigned                  in        200      403      200      200    200
POST  unassigned-claim            in        404      403      403       go     go
GET   change-new                  in        200      403      403      200    200
POST  change-new                  in        422      403      403       go     go
GET   change                      in        404      403      403      200    200
GET   change-progress             in        404      403      403       go     go
POST  change-apply                in        404      403      403       go     go
POST  change-stop                 in        404      403      403       go     go
POST  change-retry                in        404      403      403       go     go
POST  change-undo                 in        404      403      403       go     go
POST  change-again                in        404      403      403       go     go
POST  change-drop                 in        404      403      403       go     go
GET   sender-new                  in        200      403      403      200    200
POST  sender-new                  in        200      403      403      200    200
GET   sender-edit                 in        404      403      403      200    200
POST  sender-edit                 in        404      403      403      200    200
GET   sender-reconnect            in        404      403      403      200    200
POST  sender-reconnect            in        404      403      403      422    422
GET   viewer-clients              in        404      403      403      200    200
POST  viewer-clients              in        404      403      403       go     go
GET   run                         in        404      403      200      200    200
GET   shuffle-new                 in        404      403      403      200    200
POST  shuffle-new                 in        404      403      403      200    200
GET   shuffle                     in        404      403      200      200    200
GET   shuffle-progress            in        404      403       go       go     go
POST  shuffle-confirm             in        404      403      403       go     go
POST  rotation-tick               in        404      403      403       go     go
GET   shuffle-schedule            in        404      403      403      200    200
POST  shuffle-schedule            in        404      403      403       go     go
POST  shuffle-schedule-stop       in        404      403      403       go     go
GET   mail-new                    in        404      403      403      200    200
POST  mail-new                    in        404      403      403      200    200
GET   mail                        in        404      200      200      200    200
GET   mail-progress               in        404       go       go       go     go
POST  mail-cancel                 in        404      403      403       go     go
POST  mail-again                  in        404      403      403       go     go
GET   conversation                in        404      200      200      200    200
GET   conversation-new            in        404      403      403      200    200
POST  conversation-new            in        404      403      403      422    422
POST  conversation-reply          in        404      403      403      422    422
POST  conversation-edit           in        404      403      403       go     go
POST  conversation-done           in        404      403      403       go     go
GET   message                     in        404      403      403      200    200
GET   message-progress            in        404      403      403       go     go
POST  message-cancel              in        404      403      403       go     go
POST  message-again               in        404      403      403       go     go
GET   test-new                    in        404      403      403      200    200
POST  test-new                    in        404      403      403      422    422
GET   test-edit                   in        404      403      403      200    200
POST  test-edit                   in        404      403      403      422    422
POST  test-pause                  in        404      403      403       go     go
POST  test-resume                 in        404      403      403       go     go
GET   test-delete                 in        404      403      403      200    200
POST  test-delete                 in        404      403      403      422    422
GET   test-order                  in        404      403      403      200    200
GET   test-order-progress         in        404      403      403       go     go
POST  test-order-confirm          in        404      403      403      422    422
GET   inbox-new                   in        404      403      403      200    200
POST  inbox-new                   in        404      403      403      422    422
GET   campaign-new                in        404      403      403      200    200
POST  campaign-new                in        404      403      403      200    200
GET   campaign-start              in        404      403      403      200    200
POST  campaign-start              in        404      403      403      422    422
GET   lead-upload-new             in        404      403      403      200    200
POST  lead-upload-new             in        404      403      403      422    422
GET   lead-upload                 in        404      403      403      200    200
GET   lead-upload-progress        in        404      403      403       go     go
POST  lead-upload-confirm         in        404      403      403      422    422
POST  lead-upload-stop            in        404      403      403       go     go
POST  lead-upload-again           in        404      403      403       go     go
POST  lead-upload-drop            in        404      403      403       go     go
GET   connection-hook             in        404      403      403      200    200
POST  hook-address                in        404      403      403       go     go
POST  hook-secret                 in        404      403      403       go     go
POST  hook-close                  in        404      403      403       go     go
POST  hook-old-format             in        404      403      403       go     go
POST  event-again                 in        404      403      403       go     go
POST  events-again                in         go      403      403       go     go
POST  hook                       400        400      400      400      400    400
""")

KWARGS: dict[str, FromWorld] = {
    "connection-hook": lambda world: {"uuid": world.event.connection.uuid},
    "hook-address": lambda world: {"uuid": world.event.connection.uuid},
    "hook-secret": lambda world: {"uuid": world.event.connection.uuid},
    "hook-close": lambda world: {"uuid": world.event.connection.uuid},
    "hook-old-format": lambda world: {"uuid": world.event.connection.uuid},
    "event-again": lambda world: {"uuid": world.event.uuid},
    "hook": lambda world: {"token": world.hook_token},
    "client-edit": lambda world: {"slug": world.cast.acme.slug},
    "client-archive": lambda world: {"slug": world.cast.acme.slug},
    "client-restore": lambda world: {"slug": world.cast.acme.slug},
    "connection": lambda world: {"uuid": world.connection.uuid},
    "connection-progress": lambda world: {"uuid": world.connection.uuid},
    "connection-sync": lambda world: {"uuid": world.connection.uuid},
    "connection-test": lambda world: {"uuid": world.connection.uuid},
    "connection-pause": lambda world: {"uuid": world.connection.uuid},
    "connection-resume": lambda world: {"uuid": world.connection.uuid},
    "connection-replace": lambda world: {"uuid": world.connection.uuid},
    "connection-remove": lambda world: {"uuid": world.connection.uuid},
    "connection-scopes": lambda world: {"uuid": world.connection.uuid},
    "scope-remove": lambda world: {"uuid": world.scope.uuid},
    "run": lambda world: {"uuid": world.run.uuid},
    "viewer-clients": lambda world: {"membership": world.cast.cleo.memberships.get().uuid},
    "change": lambda world: {"uuid": world.change.uuid},
    "change-progress": lambda world: {"uuid": world.change.uuid},
    "change-apply": lambda world: {"uuid": world.change.uuid},
    "change-stop": lambda world: {"uuid": world.change.uuid},
    "change-retry": lambda world: {"uuid": world.change.uuid},
    "change-undo": lambda world: {"uuid": world.change.uuid},
    "change-again": lambda world: {"uuid": world.change.uuid},
    "change-drop": lambda world: {"uuid": world.change.uuid},
    "sender-edit": lambda world: {"uuid": world.sender.uuid},
    "sender-reconnect": lambda world: {"uuid": world.sender.uuid},
    "shuffle-new": lambda world: {"uuid": world.connection.uuid},
    "shuffle": lambda world: {"uuid": world.shuffle.uuid},
    "shuffle-progress": lambda world: {"uuid": world.shuffle.uuid},
    "shuffle-confirm": lambda world: {"uuid": world.shuffle.uuid},
    "rotation-tick": lambda world: {"uuid": world.shuffle.uuid, "slug": world.cast.acme.slug},
    "shuffle-schedule": lambda world: {"uuid": world.connection.uuid},
    "shuffle-schedule-stop": lambda world: {"uuid": world.connection.uuid},
    "test-new": lambda world: {"slug": world.cast.acme.slug},
    **dict.fromkeys(
        ("test-edit", "test-pause", "test-resume", "test-delete"),
        lambda world: {"slug": world.cast.acme.slug, "uuid": world.test.uuid},
    ),
    **dict.fromkeys(("test-order", "test-order-progress", "test-order-confirm"), lambda world: {"uuid": world.test_order.uuid}),
}
KWARGS |= {name: lambda world: {"uuid": world.mail.uuid} for name in ("mail", "mail-progress", "mail-cancel", "mail-again")}
KWARGS |= dict.fromkeys(
    ("conversation", "conversation-reply", "conversation-edit", "conversation-done"),
    lambda world: {"slug": world.cast.acme.slug, "uuid": world.talk.uuid},
)
KWARGS["conversation-new"] = KWARGS["test-new"]
KWARGS |= dict.fromkeys(
    ("message", "message-progress", "message-cancel", "message-again"), lambda world: {"uuid": world.message.uuid}
)
KWARGS |= {
    f"lead-upload{act}": lambda world: {"uuid": world.upload.uuid}
    for act in ("", "-progress", "-confirm", "-stop", "-again", "-drop")
}
KWARGS["inbox-new"] = lambda world: {"uuid": world.connection.uuid}
KWARGS["campaign-new"] = lambda world: {"slug": world.cast.acme.slug}
KWARGS["campaign-start"] = lambda world: {"slug": world.cast.acme.slug, "uuid": world.campaign.uuid}
KWARGS["lead-upload-new"] = lambda world: {"slug": world.cast.acme.slug, "uuid": world.campaign.uuid}
KWARGS["mail-new"] = lambda world: {"slug": world.cast.acme.slug}

DATA: dict[str, FromWorld] = {
    "inbox-new": lambda world: {"email": "new@there.example", "provider": "google"},
    "mail-new": lambda world: {
        "identity": f"{world.mail.connection.uuid}:{world.mail.identity}",
        "to": "new@there.example",
        "subject": "Hello",
        "text": "A word.",
        "when": "now",
        "zone": "UTC",
        "batch": str(world.cast.acme.uuid),
    },
    "test-edit": lambda world: {"name": "Another name"},
    "viewer-clients": lambda world: {"client": str(world.cast.birch.uuid)},
    "client-new": lambda world: {"name": "Elm", "timezone": "UTC"},
    "client-edit": lambda world: {"name": "Elm", "timezone": "UTC"},
    "change-new": lambda world: {"all": "1", "what": "preset", "to_preset": "repair"},
    "unassigned-claim": lambda world: {
        "connection": str(world.connection.uuid),
        "client": world.cast.acme.slug,
        "kind": "domain",
        "values": "elm.example",
    },
    "hook-old-format": lambda world: {"take": "yes"},
    "hook-secret": lambda world: {"secret": "ibt_wh_another-0123456789", "overlap": "24"},
    "shuffle-new": lambda world: {"method": "in_place", "percentage": "50", "preview": "yes"},
    "shuffle-confirm": lambda world: {"typed": world.connection.label, "named": str(world.cast.acme.uuid)},
    "shuffle-schedule": lambda world: {"method": "in_place", "percentage": "50", "day": "3"},
}
QUERY: dict[str, str] = {}
#: What asks a vendor counts in the key's budget.
WRITES: dict[str, set[str]] = {"test-new": {"clients_budget"}, "conversation": {"clients_budget"}}
