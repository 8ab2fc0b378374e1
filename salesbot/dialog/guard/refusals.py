"""A no is an answer: after it nothing is asked, nothing is offered, and no follow-up comes.

Only a no to the whole of it counts, with nothing beside it but courtesy: "not this week" and "no milk" are none. A
model that takes it for something else is told once more; then a human reads it.
"""

from __future__ import annotations

from collections.abc import Iterator

from salesbot.dialog.guard.scene import Scene, Violation
from salesbot.dialog.guard.words import Text, phrases
from salesbot.dialog.model import Outcome

_NO = phrases(r"""
    не интересно|неинтересно|не интересует|не заинтересованы?|не актуально|неактуально
    (?:нам|мне) (?:\w+ )?не (?:нужно|нужна|нужны|надо)
    not interested|not relevant|(?:we|i) (?:really )?(?:don't|do not) need (?:it|this|that|one|any)
""")
_BESIDE = frozenset(
    """
    нет спасибо благодарю большое простите извините к сожалению увы нам мне это нас меня для вообще совсем точно правда
    здравствуйте добрый день вечер утро но и а честно говоря всего доброго
    no nope thanks thank you very much sorry for us me at all hi hello but and it is it's this that i'm we're i am we
    are afraid really to be honest unfortunately all the best
    """.split()
)
"""What may stand beside it and changes nothing."""


def unheeded(scene: Scene) -> Iterator[Violation]:
    """A no that the reply does not take for one."""
    reply = scene.reply
    if reply.outcome is not Outcome.NONE or reply.handoff or reply.opt_out:
        return
    if is_no([one.text for one in scene.asked]):
        yield Violation("no", "They said no: thank them, ask and offer nothing; the outcome is lost.")


def is_no(said: list[Text]) -> bool:
    """Whether these lines of theirs, taken together, are a no and nothing else."""
    lines = [text.whole.line for text in said]
    if any(sentence.asks for text in said for sentence in text.sentences):
        return False
    rest = [word for line in lines for word in _NO.sub(" ", line).split()]
    return any(_NO.search(line) for line in lines) and _BESIDE.issuperset(rest)
