"""What ``salesbot configure`` does, from the first question to an account that is signed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from salesbot import settings
from salesbot.setup import configure, signing
from salesbot.setup.configure import Terminal
from salesbot.setup.form import Form
from salesbot.store.sessions import StoredSession
from salesbot.userbot.login import Answers

_HOW = "Sign an account in now? q: by a QR code, p: by phone and code, Enter: later"


async def with_a_person(place: Path, terminal: Terminal, *, missing: bool) -> None:
    """Fill in the settings in ``place`` and sign the first account in. Raises our errors."""
    await configure.with_a_person(Form.at(place), terminal, missing=missing)
    config = settings.load()
    terminal.tell(f"\nThe settings are complete: {place}")
    if known := await signing.signed_in(config):
        terminal.tell("\n".join(f"Signed in: {one.name} (id {one.id})." for one in known))
        return
    how = terminal.ask(_HOW, False).strip().lower()[:1]
    if how not in ("q", "p"):
        terminal.tell("No account is signed in yet: salesbot login does that.")
        return
    answers = Answers(ask=terminal.ask, tell=terminal.tell)
    terminal.tell(_welcome(await signing.sign_in(config, answers, by_qr=how == "q")))


async def with_answers(place: Path, answers: Mapping[str, str], tell: Callable[[str], None]) -> None:
    """The same with nobody to ask: all that is needed and not there stands in ``answers``."""
    await configure.with_answers(Form.at(place), answers, tell)
    config = settings.load()
    tell(f"The settings are complete: {place}")
    known = await signing.signed_in(config)
    if signing.wanted(answers, known):
        tell(_welcome(await signing.sign_in(config, signing.given(answers, tell))))
    elif known:
        tell("\n".join(f"Signed in: {one.name} (id {one.id})." for one in known))
    else:
        tell("No account is signed in yet: salesbot login does that.")


def _welcome(account: StoredSession) -> str:
    return f"Signed in: {account.name} (id {account.account_id})."
