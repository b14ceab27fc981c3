from clients.forms.clients import ClientForm
from clients.forms.connections import ConnectionForm, KeyForm, RemoveForm
from clients.forms.filters import ConnectionFilters
from clients.forms.scopes import ClaimForm

__all__ = ["ClaimForm", "ClientForm", "ConnectionFilters", "ConnectionForm", "KeyForm", "RemoveForm"]
