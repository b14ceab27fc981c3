from clients.forms.clients import ClientForm
from clients.forms.connections import ConnectionForm, KeyForm, RemoveForm
from clients.forms.filters import ConnectionFilters
from clients.forms.scopes import ClaimForm
from clients.forms.shuffles import ConfirmForm, OrderForm, ScheduleForm

__all__ = [
    "ClaimForm",
    "ClientForm",
    "ConfirmForm",
    "ConnectionFilters",
    "ConnectionForm",
    "KeyForm",
    "OrderForm",
    "RemoveForm",
    "ScheduleForm",
]
