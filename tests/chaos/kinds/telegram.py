"""."""

from tests.chaos.kinds import Kind

KINDS: tuple[Kind, ...] = ()
