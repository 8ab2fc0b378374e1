"""The way to Telegram through a proxy (TELEGRAM_PROXY), and what went wrong on it in words for the operator.

Telethon's own way through python-socks replaces that library's errors while it runs, and says of a proxy what might as
well be said of Telegram; so the transport takes this one instead.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError, ProxyType
from python_socks.async_.asyncio import Proxy as Way

from salesbot.errors import Transient


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where it is, and who we are there."""

    type: ProxyType
    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def parsed(url: str | None) -> Proxy | None:
    """TELEGRAM_PROXY as the settings let it pass: ``socks5://user:password@host:port``, socks4, http."""
    if not url:
        return None
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    username, password = (unquote(part) if part else None for part in (parts.username, parts.password))
    return Proxy(ProxyType[parts.scheme.upper()], parts.hostname, parts.port, username, password)


async def through(proxy: Proxy, host: str, port: int, timeout: float | None) -> socket.socket:
    """A connected socket whose other end is Telegram.

    Raises ``Transient``: a proxy is waited for as the network is. Of a ``ConnectionError`` Telethon would tell no more
    than that there was one.
    """
    # The name is looked up by the proxy: where a proxy is needed, the local answer may be a wrong one.
    way = Way(proxy.type, proxy.host, proxy.port, proxy.username, proxy.password, rdns=True)
    try:
        return await way.connect(host, port, timeout)
    except ProxyTimeoutError as exc:
        raise Transient(f"The proxy {proxy} (TELEGRAM_PROXY) did not answer in time.") from exc
    except ProxyConnectionError as exc:
        raise Transient(f"The proxy {proxy} (TELEGRAM_PROXY) cannot be reached.") from exc
    except ProxyError as exc:
        raise Transient(f"The proxy {proxy} (TELEGRAM_PROXY) refuses: {exc}.") from exc
    except OSError as exc:
        raise Transient(f"The proxy {proxy} (TELEGRAM_PROXY) ended the connection.") from exc
