"""Who is told, and what happens next? Incidents, the desk, the store with its outbox, senders and channels."""
