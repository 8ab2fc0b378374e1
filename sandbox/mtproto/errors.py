"""The errors an RPC answers with."""

from sandbox.world import WorldError


class RpcError(WorldError):
    """An error of the protocol's own, for example ``401 AUTH_KEY_UNREGISTERED``."""


def flood_wait(seconds: int) -> RpcError:
    return RpcError(420, f"FLOOD_WAIT_{seconds}")


def not_implemented(method: str) -> RpcError:
    return RpcError(400, f"METHOD_NOT_IMPLEMENTED_{method}")
