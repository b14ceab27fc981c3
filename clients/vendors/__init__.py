"""The registry: one line for each vendor."""

from clients.vendors.base import Vendor
from clients.vendors.imail import Imail
from clients.vendors.inbox import Inbox
from clients.vendors.inboxally import InboxAlly
from clients.vendors.inboxbase import InboxBase
from clients.vendors.instantly import Instantly

VENDORS: dict[str, type[Vendor]] = {vendor.slug: vendor for vendor in (InboxAlly, Instantly, Imail, Inbox, InboxBase)}
