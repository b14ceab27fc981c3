"""Mails through a vendor: asked for and confirmed → due → claimed → sent with a key of their own → written down, each once.

`asking` is what people ask for, `working` what a worker does with one mail, `settling` what an answer means; `identities` knows
who may send for whom, and how much today; `seeding` writes to seeds, so that a mail's placement can be seen.
"""
