"""A process that only imports what the product imports of others, says that it is ready, and waits for its end.

python -m bench.libraries FILE     FILE: the names of the modules, one a line; made by ``names``
"""

import contextlib
import importlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

LISTED = (
    "import sys, salesbot.app, salesbot.cli; print(*sorted(name for name in sys.modules "
    "if name.partition('.')[0] not in ('salesbot', '__main__')), sep='\\n')"
)


def names(root: Path) -> str:
    """Every module of Python's and of others that stands in memory once the product is imported."""
    return subprocess.run([sys.executable, "-c", LISTED], cwd=root, capture_output=True, text=True, check=True).stdout


def main() -> None:
    for name in Path(sys.argv[1]).read_text(encoding="ascii").split():
        with contextlib.suppress(ImportError):  # a module that another made, and that has no file
            importlib.import_module(name)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
    signal.sigwait({signal.SIGTERM})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    main()
