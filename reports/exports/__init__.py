"""Tables as CSV, streamed: the same rows as on screen, through the same `Scope`."""
