"""The two ways to fill in the settings: a person at a terminal, and a file of answers. Both try what they are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from salesbot.errors import SalesbotError, SettingsError, Transient
from salesbot.settings import HELP
from salesbot.setup.form import ASKED, NAMES, QUESTIONS, Form, Question
from salesbot.setup.signing import LOGIN


@dataclass(frozen=True, slots=True)
class Terminal:
    """A person: ``ask(question, secret)`` returns the line they type, ``tell`` shows them something."""

    ask: Callable[[str, bool], str]
    tell: Callable[[str], None]


async def with_a_person(form: Form, terminal: Terminal, *, missing: bool) -> None:
    """Ask for everything, or for what is ``missing``, until each answer works. Enter keeps what there is.

    What may be left out is missing only where something else was: it is not asked for again and again.
    """
    asked = False
    for question in QUESTIONS:
        if missing and (form.has(question) or (question.without and not asked)):
            continue
        asked = True
        while not await _answered(form, terminal, question):
            pass


async def with_answers(form: Form, answers: Mapping[str, str], tell: Callable[[str], None]) -> None:
    """Take everything from ``answers``. Raises ``SettingsError`` with all that is wrong with them at once."""
    problems = [
        f"{name} is not a setting: .env.example names those that are" for name in sorted(answers.keys() - NAMES - LOGIN)
    ]
    others = {name: value for name, value in answers.items() if name in NAMES - ASKED}
    if wrong := form.wrong(others):
        problems.append(wrong)
    else:
        form.keep(others)
        for question in QUESTIONS:
            given = {name: answers[name] for name in question.names if name in answers}
            if question.default and not form.has(question):
                given = dict.fromkeys(question.names, question.default) | given
            problems += await _taken(form, question, given, tell)
    if problems:
        raise SettingsError("\n".join(["These answers will not do:", *(f"  {line}" for line in problems)]))


async def _answered(form: Form, terminal: Terminal, question: Question) -> bool:
    """Ask once; False when it has to be asked again."""
    new = {}
    for name in question.names:
        answer = _asked(form, terminal, name, question)
        if not answer and question.without:
            terminal.tell(f"Left out: {question.without}.")
            return True
        if wrong := form.wrong({name: answer}) or ("" if answer else f"{name} is missing: {HELP[name]}"):
            terminal.tell(wrong)
            return False
        new[name] = answer
    try:
        said = await question.check(form.tried(new))
    except Transient as exc:
        terminal.tell(str(exc))
        if terminal.ask("It could not be tried. Keep it all the same? [y/N]", False).lower() not in ("y", "yes"):
            return False
        said = "Kept untried."
    except SalesbotError as exc:
        terminal.tell(str(exc))
        return False
    form.keep(new)
    terminal.tell(said or "Kept.")
    return True


def _asked(form: Form, terminal: Terminal, name: str, question: Question) -> str:
    before, secret = form.values.get(name, ""), name in question.secret
    terminal.tell(f"\n{name}: {HELP[name]}{_on_enter(before, question, secret=secret)}")
    return terminal.ask(name, secret).strip() or before or question.default


def _on_enter(before: str, question: Question, *, secret: bool) -> str:
    if before:
        return ". Enter keeps the one there is." if secret else f". Enter keeps {before}."
    if question.default:
        return f". Enter takes {question.default}."
    return f". Enter leaves it out: {question.without}." if question.without else ""


async def _taken(form: Form, question: Question, given: Mapping[str, str], tell: Callable[[str], None]) -> list[str]:
    """Try an answer and keep it; what is wrong with it. One that stands there already was tried when it came there."""
    missing = [name for name in question.names if name not in given and name not in form.values]
    if missing:
        return [] if question.without else [f"{name} is missing: {HELP[name]}" for name in missing]
    if all(form.values.get(name) == value for name, value in given.items()):
        return []
    if wrong := form.wrong(given):
        return [wrong]
    if question.after and question.after not in form.values:
        return []  # that one will not do, and is what has to be mended first
    try:
        said = await question.check(form.tried(given))
    except SalesbotError as exc:
        return [f"{', '.join(question.names)}: {exc}"]
    form.keep(given)
    tell(said or f"{', '.join(given)}: kept.")
    return []
