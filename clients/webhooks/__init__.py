"""Events that vendors send: the door they come through (`knowing`, `taking`, `doors`), and what becomes of them (`working`,
`effects`)."""
