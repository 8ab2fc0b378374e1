"""What the browser lets run or load on a page of ours: what is named here, and nothing else."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache


@cache
def allowed(*, style: str, script: str = "") -> str:
    """A Content-Security-Policy that names them by their hashes."""
    scripts = f"script-src {_hash(script)}; " if script else ""
    return f"default-src 'none'; style-src {_hash(style)}; {scripts}base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
