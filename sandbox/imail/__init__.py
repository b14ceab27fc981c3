"""imail, played. Reference: https://imail.now/api-docs; what that page leaves open is played as the product assumes it
(`sandbox/imail/switches.py` turns some of it)."""
