"""The program's own source, read for what it promises: its files as trees, and every statement that it asks of the
database."""

from __future__ import annotations

import ast
import functools
import gc
import importlib
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
QUERIES = {
    "execute",
    "executemany",
    "fetch",
    "fetchrow",
    "fetchval",
    "fetchmany",
    "cursor",
    "prepare",
    "copy_from_query",
}


@functools.cache
def sources(folder: str) -> list[tuple[Path, ast.Module]]:
    # Python 3.11's parser is not reentrant: a collection inside it may finalize something whose warning is formatted
    # with the help of the parser ("AST constructor recursion depth mismatch").
    gc.disable()
    try:
        paths = sorted((ROOT / folder).rglob("*.py"))
        return [(path, ast.parse(path.read_text(encoding="utf-8"), filename=str(path))) for path in paths]
    finally:
        gc.enable()


def where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def queries(tree: ast.AST) -> Iterator[ast.expr]:
    """The first argument of everything that looks like a call with SQL."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in QUERIES
            and node.args
        ):
            yield node.args[0]


@dataclass(frozen=True, slots=True)
class Statement:
    """What a function of the store asks; its text put together as it is sent."""

    module: str
    function: str
    place: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.module}.{self.function}"


def store_statements() -> Iterator[Statement]:
    """All of them, but the text of a migration and what names a database or a table that a row told."""
    for path, tree in sources("salesbot/store"):
        module = vars(importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)))
        for function, query in [(f, query) for f in functions(tree) for query in queries(f)]:
            if path.name in {"migrate.py", "backups.py"} and not isinstance(query, ast.Constant):
                continue
            for text in _texts(query, function, module):
                yield Statement(path.stem, function.name, where(path, query.lineno), str(text))


def _texts(query: ast.expr, function: ast.AST, module: Mapping[str, object]) -> Iterator[object]:
    """Every text the expression can stand for: built from the module's constants, a variable assigned in the same
    function, and flags, which are tried both ways; of a table of statements each one."""
    if isinstance(query, ast.Subscript) and isinstance(query.value, ast.Name):
        table = module.get(query.value.id)
        if isinstance(table, Mapping):
            yield from table.values()
            return
    variables = {name.id for name in ast.walk(query) if isinstance(name, ast.Name) and name.id not in module}
    assigned = {
        target.id: node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    choices = [
        list(_texts(assigned[name], function, module)) if name in assigned else [True, False]
        for name in sorted(variables)
    ]
    code = compile(ast.Expression(query), "query", "eval")
    for values in itertools.product(*choices):
        yield eval(code, {**module, **dict(zip(sorted(variables), values, strict=True))})  # noqa: S307 (our own code)
