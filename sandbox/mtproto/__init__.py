"""MTProto 2.0 over TCP, built on Telethon's TL classes, for unmodified clients; see `server.MTProtoServer`."""

from sandbox.mtproto.server import MTProtoServer

__all__ = ["MTProtoServer"]
