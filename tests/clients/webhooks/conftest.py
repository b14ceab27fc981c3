from __future__ import annotations

import pytest

from tests.cast import Cast, connect
from tests.clients.webhooks.delivering import Door, open_door


@pytest.fixture
def door(cast: Cast) -> Door:
    return open_door(connect(cast.north, key="inbox-token-0123456789", client=cast.acme, vendor="inbox"))
