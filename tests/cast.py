"""The cast: Ann owns North, Mo manages and Ben analyses there, Cleo may look at one client; Zoe is at South."""

from __future__ import annotations

from dataclasses import dataclass

from agency.models import Agency, Membership, Role, User
from clients.models import Client, Connection, Feed, Scope

PASSWORD = "correct horse battery"


@dataclass
class Cast:
    north: Agency
    south: Agency
    ann: User  # owner of North
    mo: User  # manager at North
    ben: User  # analyst at North
    cleo: User  # viewer at North, assigned `acme` only
    zoe: User  # owner of South
    acme: Client  # North's
    birch: Client  # North's
    oak: Client  # South's


def make_cast() -> Cast:
    north = Agency.objects.create(name="North", slug="north")
    south = Agency.objects.create(name="South", slug="south")

    def member(name: str, agency: Agency, role: Role) -> User:
        user = User.objects.create_user(f"{name.lower()}@{agency.slug}.example", PASSWORD, name=name)
        Membership.objects.create(agency=agency, user=user, role=role)
        return user

    cast = Cast(
        north=north,
        south=south,
        ann=member("Ann", north, Role.OWNER),
        mo=member("Mo", north, Role.MANAGER),
        ben=member("Ben", north, Role.ANALYST),
        cleo=member("Cleo", north, Role.VIEWER),
        zoe=member("Zoe", south, Role.OWNER),
        acme=Client.objects.create(agency=north, name="Acme", slug="acme"),
        birch=Client.objects.create(agency=north, name="Birch", slug="birch"),
        oak=Client.objects.create(agency=south, name="Oak", slug="oak"),
    )
    cast.acme.viewers.add(cast.cleo.memberships.get())
    return cast


def connect(
    agency: Agency, *, key: str, label: str = "Main account", client: Client | None = None, vendor: str = "inboxally"
) -> Connection:
    """A connection with its feeds; everything on it is `client`'s where one is given."""
    connection = Connection(agency=agency, vendor=vendor, label=label)
    connection.keep({connection.vendor_class.key_field: key})
    connection.save()
    Feed.objects.bulk_create(Feed(connection=connection, resource=name) for name in connection.vendor_class.feeds)
    if client:
        Scope.objects.create(connection=connection, client=client, kind="all")
    return connection
