"""The loops that do the I/O around ``dialog/``: inbox, turns, outbox, reconcile, and who owns which account."""
