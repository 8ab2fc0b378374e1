"""pytest in a fork that has imported the libraries only: of the product it sees the copy it stands in, nothing else.

Nothing is compiled for keeps: a mutant and what it changed may be of one size and one second, and are then the same
to Python.
"""

import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.path[0] = str(Path(__file__).parents[2])
    imported_already = "-Wignore::pytest.PytestAssertRewriteWarning"  # anyio is a library of ours and a plugin as well
    sys.exit(pytest.main([imported_already, *sys.argv[1:]]))
