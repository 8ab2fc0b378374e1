"""``backup`` and ``restore``: the database as a file, and the way back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from salesbot import keys
from salesbot.cli.common import app, ask, fail, load_settings, say, wait_for
from salesbot.errors import ExitCode, SettingsError

MAKE_KEY = (
    "Backups are encrypted, and there is no BACKUP_RECIPIENT yet. On a computer of your own, not on this server:\n"
    "  age-keygen -o salesbot-backup.key\n"
    "Keep that file safe, it opens the backups. Set BACKUP_RECIPIENT to the public key that it shows (age1…).\n"
    "Without encryption: salesbot backup --plain"
)

backups = typer.Typer(
    help="Back the database up: dumped, verified by restoring it, encrypted, the oldest removed.",
    invoke_without_command=True,
)
app.add_typer(backups, name="backup")

Folder = Annotated[Path | None, typer.Option("--dir", metavar="DIR", help="The folder; else BACKUP_DIR.")]
Identity = Annotated[Path | None, typer.Option(metavar="KEYFILE", help="The file of age-keygen that opens the backup.")]


@backups.callback()
def backup(
    context: typer.Context,
    folder: Folder = None,
    plain: Annotated[bool, typer.Option("--plain", help="Do not encrypt it.")] = False,
    verify: Annotated[bool, typer.Option(help="Restore it into a scratch database and compare.")] = True,
    move: Annotated[
        bool, typer.Option("--move", help="Take the sessions out of this database: they move with the backup.")
    ] = False,
) -> None:
    if context.invoked_subcommand is not None:
        return
    config = load_settings()
    from salesbot.backup import make  # noqa: PLC0415 - brings PostgreSQL's side with it
    from salesbot.backup.rotation import Keep  # noqa: PLC0415 - as above

    async def main() -> None:
        if not config.backup_recipient and not plain:
            raise SettingsError(MAKE_KEY)
        made = await make.backup(
            make.Wanted(
                dsn=config.database_url.get_secret_value(),
                folder=folder or config.backup_dir,
                recipients=() if plain else config.backup_recipient,
                keep=Keep(*config.backup_keep),
                verify=verify,
                move=move,
            )
        )
        told = made.manifest
        verified = f"not verified: {made.doubt}" if made.doubt else "verified"
        how = f"{'not encrypted' if plain else 'encrypted'}, {verified}"
        say(f"Backed up: {made.file} ({_size(made.file.stat().st_size)}, {how})")
        say(f"  {_counts(told.counts)}")
        for file in made.removed:
            say(f"  removed: {file.name}")
        if move:
            say("The sessions are in this backup alone now: restore it on the new machine, and do not start this one.")

    wait_for(main())


@backups.command("list")
def list_backups(folder: Folder = None) -> None:
    """Show the backups there are, the newest first."""
    config = load_settings()
    from salesbot.backup import shelf  # noqa: PLC0415 - as above

    async def main() -> None:
        place = folder or config.backup_dir
        found = shelf.listed(place)
        now = datetime.now(UTC)
        for one in found:
            hours = (now - one.made_at).total_seconds() / 3600
            age = f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} d"
            about = "?"
            if (told := one.manifest) is not None:
                state = "moved" if told.moved else "verified" if told.verified else "not verified"
                about = f"{state}\t{told.version}\t{_counts(told.counts)}"
            say(f"{one.file.name}\t{one.made_at:%Y-%m-%d %H:%M} UTC\t{age}\t{_size(one.size)}\t{about}")
        if not found:
            say(f"There is no backup in {place} yet: salesbot backup")

    wait_for(main())


@backups.command("verify")
def verify_backup(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="Else the newest in BACKUP_DIR.")] = None,
    identity: Identity = None,
) -> None:
    """Restore a backup into a scratch database, compare what it holds, and remove that database."""
    config = load_settings()
    from salesbot.backup import make  # noqa: PLC0415 - as above

    async def main() -> None:
        chosen = file or make.newest(config.backup_dir)
        told = await make.verify(config.database_url.get_secret_value(), chosen, identity)
        say(f"{chosen.name} of {told.created_at:%Y-%m-%d %H:%M} UTC is good: {_counts(told.counts)}")

    wait_for(main())


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    identity: Identity = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Have it take the place of what is in the database.")
    ] = False,
    move: Annotated[
        bool, typer.Option("--move", help="The machine that it is of never uses the accounts again: keep the sessions.")
    ] = False,
    database_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Else DATABASE_URL. With a password in it: -, then it is asked for."),
    ] = None,
) -> None:
    """Bring a backup back: whole, or not at all. Then: salesbot confirm-database.

    On another machine than its own the sessions are left out, so that nobody uses them from two machines; sign in anew
    there, or say --move.
    """
    config = load_settings()
    from salesbot.backup import restore as bring_back  # noqa: PLC0415 - as above
    from salesbot.backup import tools  # noqa: PLC0415 - as above

    if database_url == "-":
        database_url = ask("DATABASE_URL", secret=True)
    elif database_url and tools.password_in(database_url):
        fail("A password in a command is seen by everybody on this machine (ps). Say --database-url -", ExitCode.FAILED)

    async def main() -> None:
        done = await bring_back.restore(
            bring_back.Wanted(
                dsn=database_url or config.database_url.get_secret_value(),
                file=file,
                identity=identity,
                key_ids=keys.load(config).key_ids,
                replace=replace,
                stopped=move,
            )
        )
        told = done.manifest
        say(f"Restored: the backup of {told.created_at:%Y-%m-%d %H:%M} UTC ({told.version}). {_counts(told.counts)}")
        if done.migrations:
            say(f"Brought up to date: {', '.join(done.migrations)}")
        elsewhere = database_url not in (None, config.database_url.get_secret_value())
        say("Next:")
        for number, step in enumerate(_next(sessions=done.sessions, elsewhere=elsewhere), 1):
            say(f"  {number}. {step}")
        say("Nothing is sent before every open dialog's history since the backup was read.")

    wait_for(main())


def _next(*, sessions: bool, elsewhere: bool) -> Iterator[str]:
    """What is to be done after a restore."""
    if elsewhere:
        yield "Set DATABASE_URL to this database."
    yield "Make sure that no other salesbot uses these accounts, then: salesbot confirm-database"
    if not sessions:
        yield "It is of another machine, the sessions were left out. Sign every account in: salesbot login"
    yield "Start it: systemctl start sales_bot"


def _size(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{counts.get(name, 0)} {name}" for name in ("accounts", "dialogs", "messages", "suppressions"))
