"""Instantly as the sandbox plays it: workspaces, placement tests with their rows and reports, mailboxes, campaigns and tags
under /api/v2. Keys and workspaces stand in `cast.py`, what can be turned in `switches.py`, changes from outside in `changing.py`.
"""
