"""InboxBase as the sandbox plays it: identities that send by the API, their conversations and their stream of events, under
/v1/identities. Keys and identities stand in `cast.py`, what can be turned in `switches.py`, what happens from outside in
`changing.py`; all that takes time (replies, bounces, a queue, timers) happens on the sandbox's clock (`living.py`).
"""
