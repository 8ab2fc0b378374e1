"""Where the server stands: loopback only, one data centre."""

HOST = "127.0.0.1"
DC_ID = 2
