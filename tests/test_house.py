"""The house checks itself: what the design promises about the code as a whole.

Each test names what it found and where, so that whoever broke a promise need not look for it.
"""

import ast
import importlib
import importlib.metadata
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from salesbot.settings import Settings
from tests.support.sources import ROOT, functions, queries, sources, store_statements, where

READMES = ("README.md", "README.ru.md")

# Imports run one way. What lies in none of these folders (errors, clock, settings …) is common ground for all but the
# pure part; only the composition root and the command line know everyone.
EDGES = {"store", "llm", "userbot", "adminbot", "export"}
MAY_IMPORT = {
    "dialog": set[str](),
    "store": {"dialog"},
    "llm": {"dialog"},
    "userbot": {"dialog", "store"},
    "adminbot": {"dialog", "store", "export"},
    "export": {"dialog", "store"},
    "engine": {"dialog", *EDGES},
    "rehearsal": {"dialog", *EDGES, "engine"},
    "watch": {"dialog", "store"},
    "setup": {"dialog", *EDGES},
    "backup": {"dialog", "store"},
    "doctor": {"dialog", "store", "llm", "userbot", "adminbot", "backup"},
}
PURE_GROUND = {"errors", "clock"}
ROOTS = {"app", "cli", "__main__"}


def tracked(*patterns: str) -> list[Path]:
    """The files of the repository, new ones included, ignored ones not."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def test_imports_run_one_way() -> None:
    wrong = []
    for path, tree in sources("salesbot"):
        part = path.relative_to(ROOT / "salesbot").parts[0].removesuffix(".py")
        for line, name in imports(tree):
            root, _, rest = name.partition(".")
            other = rest.partition(".")[0]
            if root != "salesbot" or other == part or part in ROOTS:
                continue
            if other in MAY_IMPORT or other in ROOTS:
                allowed = MAY_IMPORT.get(part, {"dialog"})  # common ground stands on the pure part alone
            else:
                allowed = {other} if part != "dialog" else PURE_GROUND
            if other not in allowed:
                wrong.append(f"{where(path, line)}: {part} imports {name}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("one", "other"), [("salesbot", "sandbox"), ("sandbox", "salesbot")])
def test_the_product_and_the_sandbox_never_import_each_other(one: str, other: str) -> None:
    wrong = [
        f"{where(path, line)}: {name}"
        for path, tree in sources(one)
        for line, name in imports(tree)
        if name.partition(".")[0] == other
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("library", "home"), [("telethon", "userbot"), ("aiogram", "adminbot"), ("openai", "llm")])
def test_a_foreign_library_stays_at_its_edge(library: str, home: str) -> None:
    wrong = [
        f"{where(path, line)}: {name}"
        for path, tree in sources("salesbot")
        if home not in path.relative_to(ROOT / "salesbot").parts
        for line, name in imports(tree)
        if name.partition(".")[0] == library
    ]
    assert not wrong, "\n".join(wrong)


def test_the_environment_is_read_in_one_place() -> None:
    allowed = {"settings.py", "lifecycle.py"}  # lifecycle: systemd's own variables
    wrong = [
        where(path, node.lineno)
        for path, tree in sources("salesbot")
        if path.name not in allowed
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ]
    assert not wrong, "\n".join(wrong)


def test_sql_lives_in_the_store_alone() -> None:
    wrong = [
        where(path, query.lineno)
        for path, tree in sources("salesbot")
        if "store" not in path.relative_to(ROOT / "salesbot").parts
        for query in queries(tree)
    ]
    assert not wrong, "\n".join(wrong)


async def test_every_statement_of_the_store_prepares_on_a_migrated_database(pool: asyncpg.Pool) -> None:
    wrong, prepared = [], 0
    async with pool.acquire() as connection:
        for statement in store_statements():
            try:
                await connection.prepare(statement.text)
            except asyncpg.PostgresError as error:
                wrong.append(f"{statement.place}: {error}")
            prepared += 1
    assert not wrong, "\n".join(wrong)
    assert prepared > 0


MOST_LINES = 20


def test_no_statement_is_longer_than_a_look() -> None:
    """As it is written: what several statements share is counted where it stands, and read there."""
    wrong = [
        f"{where(path, node.lineno)}: {lines} lines"
        for path, tree in sources("salesbot/store")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr) and SQL.match(ast.unparse(node))
        if (lines := (node.end_lineno or 0) - node.lineno - 1) > MOST_LINES
    ]
    assert not wrong, "\n".join(wrong)


SQL = re.compile(r"""f?["']+(\\n|\s|\{[^}]*\})*(with|select|insert|update|delete)\b""")


def annotations(tree: ast.AST) -> Iterator[ast.expr]:
    for function in functions(tree):
        arguments = function.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        yield from (each.annotation for each in every if each is not None and each.annotation is not None)
        if function.returns is not None:
            yield function.returns


def test_any_stops_at_the_edges() -> None:
    wrong = [
        where(path, annotation.lineno)
        for path, tree in sources("salesbot")
        if not {"userbot", "store"} & set(path.relative_to(ROOT / "salesbot").parts)
        for annotation in annotations(tree)
        if any(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(annotation))
    ]
    assert not wrong, "\n".join(wrong)


def test_every_setting_is_documented() -> None:
    settings = {name.upper() for name in Settings.model_fields}
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    shown = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE))
    assert shown == settings
    for readme in READMES:
        text = (ROOT / readme).read_text(encoding="utf-8")
        assert [name for name in sorted(settings) if f"`{name}`" not in text] == [], readme


def headings(text: str) -> list[int]:
    return [len(match) for match in re.findall(r"^(#+) ", without_code(text), re.MULTILINE)]


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    """The lines of all code blocks, without comments and blank lines."""
    blocks = re.findall(r"^```.*?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [re.sub(r"\s*#.*", "", line).rstrip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def names(text: str) -> list[str]:
    """Commands of the bot and settings, in the order in which they are explained."""
    return re.findall(r"^\| `([/A-Z][^`]*)`", text, re.MULTILINE)


def test_both_readmes_tell_the_same() -> None:
    english, russian = ((ROOT / name).read_text(encoding="utf-8") for name in READMES)
    assert headings(russian) == headings(english)
    assert commands(russian) == commands(english)
    assert [name.split()[0] for name in names(russian)] == [name.split()[0] for name in names(english)]


def test_links_between_our_own_files_lead_somewhere() -> None:
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in tracked("*.md")
        for target in re.findall(r"\]\(([^)#\s]+)\)", path.read_text(encoding="utf-8"))
        if "://" not in target and not (path.parent / target).exists()
    ]
    assert not broken, "\n".join(broken)


def canonical(dependency: str) -> str:
    """The name of the distribution, in the one form in which names are compared."""
    return re.sub(r"[._-]+", "-", re.split(r"[^\w.-]", dependency)[0]).lower()


def test_pinned_requirements_hold_every_dependency_and_no_addresses() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = {
        "requirements.txt": project["dependencies"],
        "requirements-demo.txt": [*project["dependencies"], *extras["demo"]],
        "requirements-dev.txt": [*project["dependencies"], *extras["demo"], *extras["dev"]],
    }
    for name, dependencies in wanted.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        pinned = set(re.findall(r"^([a-z0-9._-]+)==", text, re.MULTILINE))
        asked = {canonical(dependency) for dependency in dependencies}
        assert asked - pinned == set(), name
        assert re.findall(r"^\s*--(?!hash).*|.*://.*", text, re.MULTILINE) == [], name


@pytest.mark.parametrize(
    ("folders", "extras"),
    [(["salesbot"], []), (["sandbox", "scripts"], ["demo"]), (["tests", "bench"], ["demo", "dev"])],
)
def test_what_is_imported_is_declared(folders: list[str], extras: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [
        *project["dependencies"],
        *(each for extra in extras for each in project["optional-dependencies"][extra]),
    ]
    known = {canonical(dependency) for dependency in declared}
    makers = importlib.metadata.packages_distributions()
    wrong = [
        f"{where(path, line)}: {name}"
        for folder in folders
        for path, tree in sources(folder)
        for line, name in imports(tree)
        if (makers_of := makers.get(name.partition(".")[0])) and known.isdisjoint(map(canonical, makers_of))
    ]
    assert not wrong, "\n".join(wrong)


# Folders of one machine, and where packages come from: neither belongs into files that everybody gets. The original
# design has a home of its own, and scripts/try-install is root on servers that it makes itself.
LOCAL = re.compile(
    r"(?<![\w.])/(?:root|home/(?!sales_bot\b)\w+|work|Users/\w+)/|(?:registry|pypi|pythonhosted)[\w.-]*\.(?:org|com)"
)
OWN_SERVERS = {"machine.py", "story.py", "try_install.py"}


def test_no_file_knows_a_machine_or_a_registry() -> None:
    wrong = []
    for path in tracked():
        if path == Path(__file__) or path.suffix in {".png", ".gif", ".ico", ".mo"}:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if LOCAL.search(line.replace("/root/", "/") if path.name in OWN_SERVERS else line):
                wrong.append(f"{where(path, number)}: {line.strip()[:100]}")
    assert not wrong, "\n".join(wrong)
