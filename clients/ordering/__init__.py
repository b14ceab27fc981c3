"""Placement tests of our own making.

asking → working; `choosing` says who sends, `amounts` how much, `steering` what becomes of a test afterwards.
"""
