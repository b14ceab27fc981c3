"""InboxAlly as the sandbox plays it: seeds, shuffles, senders, engagement rules and broadcasts under /v3."""
