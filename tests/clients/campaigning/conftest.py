from tests.clients.leads.conftest import _box, account, box, empty  # noqa: F401  (fixtures)
