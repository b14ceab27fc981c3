"""What people search for is found whatever its capitals, on every database."""

from __future__ import annotations

import re
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, TextField
from django.db.models.lookups import IContains, IRegex


class AnyCaseContains(IContains):
    """`icontains`. SQLite's LIKE knows the capitals of ASCII alone; Django's REGEXP there, which is Python's, knows all of them,
    and is asked only where it must be: it takes longer."""

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper) -> Any:
        if not isinstance(self.rhs, str) or self.rhs.isascii():
            return self.as_sql(compiler, connection)
        return IRegex(self.lhs, re.escape(self.rhs)).as_sql(compiler, connection)


for kind in (CharField, TextField):
    kind.register_lookup(AnyCaseContains)
