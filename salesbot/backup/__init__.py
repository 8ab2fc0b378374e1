"""Backups: a dump of the database with a note of what it holds, encrypted, verified, rotated; and the way back.

One file is one backup: a tar of ``manifest.json`` and the dump, encrypted with age for a key that lies elsewhere. The
manifest stands beside it once more, to be listed without that key. The secret key of the sessions is not in it.
"""
