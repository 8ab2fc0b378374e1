"""The control API: plays people, makes trouble, waits for things, and tells what the server saw. JSON over HTTP."""
