from __future__ import annotations

from tests.cast import PASSWORD
from tests.doors import FromWorld, table

DOORS = table("""
                              anonymous  stranger  viewer  analyst  manager  owner
GET   healthz                    200        200      200      200      200    200
GET   favicon                     go         go       go       go       go     go
GET   setup                      404        404      404      404      404    404
POST  setup                      404        404      404      404      404    404
GET   sign-in                    200         go       go       go       go     go
POST  sign-in                     go         go       go       go       go     go
POST  sign-out                    in         in       in       in       in     in
GET   profile                     in        200      200      200      200    200
POST  profile                     in         go       go       go       go     go
GET   password-change             in        200      200      200      200    200
POST  password-change             in         go       go       go       go     go
GET   password-reset             200        200      200      200      200    200
POST  password-reset              go         go       go       go       go     go
GET   password-reset-sent        200        200      200      200      200    200
GET   password-reset-confirm     200        200      200      200      200    200
POST  password-reset-confirm     200        200      200      200      200    200
GET   invitation                 200        403      403      403      403    403
POST  invitation                  go        403      403      403      403    403
GET   settings                    in        200      200      200      200    200
GET   team                        in        200      403      403      200    200
POST  team-invite                 in         go      403      403       go     go
POST  invitation-revoke           in        404      403      403       go     go
POST  member-role                 in        404      403      403       go     go
POST  member-remove               in        404      403      403       go     go
GET   branding                    in        200      403      403      200    200
POST  branding                    in         go      403      403       go     go
POST  agency-switch               in        404       go       go       go     go
GET   logo                        in        404      404      404      404    404
""")

KWARGS: dict[str, FromWorld] = {
    "password-reset-confirm": lambda world: {"uidb64": "MQ", "token": "spent"},
    "invitation": lambda world: {"token": world.invitation_token},
    "invitation-revoke": lambda world: {"invitation": world.invitation.uuid},
    "member-role": lambda world: {"membership": world.cast.ben.memberships.get().uuid},
    "member-remove": lambda world: {"membership": world.cast.ben.memberships.get().uuid},
}

DATA: dict[str, FromWorld] = {
    "sign-in": lambda world: {"username": world.cast.zoe.email, "password": PASSWORD},
    "profile": lambda world: {"name": "New Name"},
    "password-change": lambda world: {
        "old_password": PASSWORD,
        "new_password1": "another horse battery",
        "new_password2": "another horse battery",
    },
    "password-reset": lambda world: {"email": "nobody@example.com"},
    "invitation": lambda world: {"name": "Dora", "password": "another horse battery"},
    "team-invite": lambda world: {"email": "new@example.com", "role": "viewer"},
    "member-role": lambda world: {"role": "viewer"},
    "branding": lambda world: {"name": "Renamed", "colour": "#123456"},
    "agency-switch": lambda world: {"agency": world.cast.north.slug},
}

QUERY: dict[str, str] = {}
WRITES: dict[str, set[str]] = {}
