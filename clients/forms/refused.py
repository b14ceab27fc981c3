from __future__ import annotations

from django import forms

from clients.vendors.errors import Rejected


class RefusedForm(forms.Form):
    """Of what a vendor may refuse."""

    def refuse(self, error: Exception) -> None:
        """Puts the vendor's words at the fields that they are about; where there are none, at the place for all else."""
        named = error.fields if isinstance(error, Rejected) else {}
        placed = {name: said for name, said in named.items() if name in self.fields}
        for name, said in placed.items():
            self.add_error(name, self.worded(said))
        if not placed:
            self.add_error(self.place_of(error), str(error))

    def worded(self, said: str) -> str:
        return said

    def place_of(self, error: Exception) -> str | None:
        """A field, or None for the whole form."""
        return None
