"""A no is an answer: after it nothing is asked, nothing is offered, and no follow-up comes.

Only a no to the whole of it counts, with nothing beside it but courtesy: "not this week" and "no milk" are none, nor is
what takes up a word of our question from somebody who talks with us already: whether they need milk. A model that takes
it for something else is told once more; then a human reads it.
"""

from __future__ import annotations

from collections.abc import Iterator

from salesbot.dialog.guard.scene import Scene, Violation
from salesbot.dialog.guard.words import Text, has, phrases, read
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
_TAKEN_UP = tuple(
    (phrases(no), phrases(asked))
    for no, asked in (
        (r"не (?:нужно|нужна|нужны|надо)|need", r"нужн\w+|надо|понадоб\w+|хот\w+|need\w*|want\w*|like"),
        (r"не ?интерес\w+|не заинтересованы?|interested", r"интерес\w*|interest\w*"),
        (r"не ?актуально|relevant", r"актуал\w+|relevant"),
    )
)
"""A no, and the questions of ours which it may answer instead of all that we have."""


def unheeded(scene: Scene) -> Iterator[Violation]:
    """A no that the reply does not take for one."""
    reply = scene.reply
    if reply.outcome is not Outcome.NONE or reply.handoff or reply.opt_out:
        return
    if not scene.history.unanswered:  # an opening: a no to something else, perhaps a colleague's, is long over
        return
    if is_no([one.text for one in scene.asked]) and not _answers_a_question(scene):
        yield Violation("no", "They said no: thank them, ask and offer nothing; the outcome is lost.")


def _answers_a_question(scene: Scene) -> bool:
    """Whether they talk with us already, and may say no only to what we asked last."""
    if len(scene.heard) == len(scene.asked) or not scene.ours:
        return False
    asked = [one for one in read(scene.ours[-1]).sentences if one.asks]
    said = [one.text.whole for one in scene.asked]
    found = [ours for no, ours in _TAKEN_UP if any(has(line, no) for line in said)]
    return bool(found) and all(any(has(question, ours) for question in asked) for ours in found)


def is_no(said: list[Text]) -> bool:
    """Whether these lines of theirs, taken together, are a no and nothing else."""
    lines = [text.whole.line for text in said]
    if any(sentence.asks for text in said for sentence in text.sentences):
        return False
    rest = [word for line in lines for word in _NO.sub(" ", line).split()]
    return any(_NO.search(line) for line in lines) and _BESIDE.issuperset(rest)
