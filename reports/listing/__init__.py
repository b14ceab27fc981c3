"""Rows of the list pages and of their exports: each module has the query, its filters and its sorts, from a `Scope`."""
