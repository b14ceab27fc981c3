"""The registry: one line for each vendor."""

from clients.vendors.base import Vendor
from clients.vendors.inboxally import InboxAlly
from clients.vendors.inboxbase import InboxBase
from clients.vendors.instantly import Instantly

VENDORS: dict[str, type[Vendor]] = {vendor.slug: vendor for vendor in (InboxAlly, Instantly, InboxBase)}
