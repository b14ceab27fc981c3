"""Leads brought to a campaign from a file.

reading → asking → working; `wording` says it.
"""
