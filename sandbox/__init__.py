"""Vendor APIs played on loopback, for the demo and the tests.

    python -m sandbox --port 8901            # data end on the real current day
    python -m sandbox --port 0 --today 2026-11-20 --port-file /tmp/port

In a test:

    with Sandbox(seed=7, today=date(2026, 11, 20)) as box:
        httpx.get(f"{box.url}/v3/seeds", headers={"X-API-KEY": box.key("northwind")})
        httpx.get(f"{box.url}/api/v2/accounts", headers={"Authorization": f"Bearer {box.key('agency', 'instantly')}"})

The sandbox shares no code with the product: they only speak HTTP. Everything it tells follows from the seed number
and the day. One server plays every vendor, and each takes it for its own base address: paths under /api/v2 are Instantly's,
those under /v1/identities InboxBase's, other ones under /v1 imail's, those under /api/v1 Inbox's, all others InboxAlly's. The
accounts, their keys and their stories stand in each vendor's `cast.py`, and at `GET /_sandbox/accounts` (?vendor=instantly,
imail, inbox, inboxbase); what may differ without being wrong in `sandbox/switches.py` and in each vendor's `switches.py`; what a
server can be made to do wrong, whichever vendor it is, in `sandbox/faults.py`; how to steer it while it serves in
`sandbox/control.py`; how it delivers events in `sandbox/hooks.py`.
"""
