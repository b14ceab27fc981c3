"""Vendor APIs played on loopback, for the demo and the tests.

    python -m sandbox --port 8901            # data end on the real current day
    python -m sandbox --port 0 --today 2026-11-20 --port-file /tmp/port

In a test:

    with Sandbox(seed=7, today=date(2026, 11, 20)) as box:
        httpx.get(f"{box.url}/v3/seeds", headers={"X-API-KEY": box.key("northwind")})

The sandbox shares no code with the product: they only speak HTTP. Everything it tells follows from the seed number
and the day. The accounts, their keys and their stories stand in `sandbox/inboxally/cast.py` and at
`GET /_sandbox/accounts`; what a server can be made to do wrong stands in `sandbox/faults.py`.
"""
