"""Inbox as the sandbox plays it: teams with account links, conversations, prospects, tags, statuses and events under /api/v1.
Keys and teams stand in `cast.py`, what can be turned in `switches.py`, changes from outside in `changing.py`.
"""
