"""Acting on conversations: read at the vendor when somebody looks, written into once, changed there and kept as it answers.

`reading` is what a page shows, `asking` what people ask for, `working` what a worker does with one message, `editing` what is
changed while the person waits. What was said stays with the vendor: of a conversation only its last message is kept.
"""
