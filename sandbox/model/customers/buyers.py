"""Customers who may buy: they answer, ask, doubt, and name a day and a time for the call, or do not.

Each turn they say what is due at most: an answer to what was asked, then one thing of their own. Who gets no answer to
a doubt, or can only have it for more than they would pay, leaves.
"""

from __future__ import annotations

from datetime import timedelta

from sandbox.model.customers import hearing
from sandbox.model.customers.hearing import Question
from sandbox.model.customers.scene import LEAVE, SILENCE, Scene

DAYS = {
    "ru": ("в понедельник", "во вторник", "в среду", "в четверг", "в пятницу"),
    "en": ("on Monday", "on Tuesday", "on Wednesday", "on Thursday", "on Friday"),
}
HOURS = ("10:00", "10:30", "11:00", "11:30", "12:00", "14:00", "15:00", "15:30", "16:00")
MOST_CALLS, MOST_GUESSES = 3, 2
"""So often they name a time: whoever still does not take it will not call; and so often they answer at random."""
ENDED = ("no", "no_answer", "too_dear", "fed_up")
MORE_THAN, FURTHER = 3, 5
"""Between which a number lies that they are asked for and that is none of people."""
LEAD_DAYS = 2
"""So many days ahead a call is named at least: the answer may come tomorrow."""


def _thought_over(scene: Scene, mood: float) -> str:
    """They wanted to think: what comes at once is left, what comes later they answer or not."""
    once_more = len(scene.heard_since("later").splitlines()) > 1
    if not once_more or hearing.hands_over(scene.heard) or scene.told("no"):
        return LEAVE if scene.told("no") else SILENCE
    if mood < 0.45:
        return f"{scene.say('returned')}. {_call(scene)}"
    return scene.say("no") if mood > 0.85 else SILENCE


_AGREE = "agree"


def buyer(scene: Scene) -> str:
    """Hot or warm: agrees as soon as nothing stands against it."""
    return _with_answers(scene, _step(scene))


def lukewarm(scene: Scene) -> str:
    """Agrees now, or after having been written to again, or not."""
    mood = scene.chance("mood") - 0.3 * (scene.profile.trust - 0.5)
    if scene.told("later") and not scene.told("call"):
        return _thought_over(scene, mood)
    step = _step(scene)
    if step == _AGREE and mood >= 0.3 and not scene.told("call"):
        return scene.say("no") if 0.65 <= mood < 0.8 else scene.say("later")
    return _with_answers(scene, step)


def _step(scene: Scene) -> str:
    """The key of what they say of their own; empty where they only answer."""
    if any(scene.told(key) for key in ENDED):
        return LEAVE
    if hearing.hands_over(scene.heard):
        return SILENCE
    if scene.told("call"):
        return _after_the_call(scene)
    if not scene.own:
        return "hello_maybe" if scene.profile.kind == "lukewarm" else "hello_yes"
    objection = scene.profile.objection
    if objection and scene.told(objection) and not hearing.settles(scene.heard_since(objection), objection):
        return objection if hearing.says_nothing(scene.heard) and scene.times(objection) < 2 else "no_answer"
    if scene.price is None:
        return _before_the_price(scene)
    if scene.profile.budget and scene.price > scene.profile.budget:
        return "too_dear" if scene.told("expensive") else "expensive"
    if objection and not scene.told(objection):
        return objection
    if not scene.told("question") and not scene.told("agree") and scene.chance("question") < 0.4:
        return "question"
    return _AGREE


def _before_the_price(scene: Scene) -> str:
    if scene.profile.objection == "have" and not scene.told("have"):
        return "have"
    if scene.times("price_ask") >= 2:
        return _AGREE  # they may as well say it on the phone
    return "" if Question.SIZE in scene.asked else "price_ask"


def _after_the_call(scene: Scene) -> str:
    """The time was named: it is confirmed, or asked for, or something else is asked, or nobody listens."""
    if scene.told("thanks"):
        return LEAVE
    if hearing.agrees(scene.heard):
        return "thanks" if scene.chance("thanks") < 0.4 else LEAVE
    if scene.asked and Question.CALL not in scene.asked and scene.times("asked_else") < MOST_GUESSES:
        return ""
    return "call_again" if scene.times("call") + scene.times("call_again") < MOST_CALLS else "fed_up"


def _with_answers(scene: Scene, step: str) -> str:
    """What was asked is answered before anything of their own is said."""
    if step in (LEAVE, SILENCE):
        return step
    if step in ENDED or step == "thanks":
        return scene.say(step)
    if step == "call_again":
        return scene.say(step, day=_day(scene), hour=_hour(scene))
    said = [answer for question in Question if question in scene.asked and (answer := _answer(scene, question))]
    if step == _AGREE:
        said = [*said[:1], scene.say(_AGREE), _call(scene)] if not scene.told("agree") else [*said[:1], _call(scene)]
    elif step.startswith("hello"):
        said = [scene.say(step), *said[:1]]
    else:
        said = [*said[:1], *([scene.say(step)] if step else [])]
    return _joined(said) or scene.say("asked_else")


def _answer(scene: Scene, question: Question) -> str:
    size = scene.profile.size
    match question:
        case Question.SIZE:
            key = "size_again" if scene.told("size") else "size"
            return scene.say(key, size=size, men=men(size)) if scene.times("size_again") < 1 else ""
        case Question.DRINKS | Question.WHOSE | Question.CLEANING | Question.PHONE:
            return "" if scene.told(question.value) else scene.say(question.value)
        case Question.CALL:
            return ""
        case Question.NUMBER:
            return scene.say("number", size=MORE_THAN + int(scene.chance("number") * FURTHER))
        case Question.WHETHER:
            return scene.say("whether")
        case Question.OTHER if scene.profile.need and not scene.said(scene.profile.need):
            return scene.profile.need
        case Question.OTHER:
            return scene.say("asked_else") if scene.times("asked_else") < 2 else ""


def taking_the_price(scene: Scene) -> str:
    """They take what it costs, and name a time."""
    return f"{scene.say('take_listed')}. {_call(scene)}"


def men(size: int) -> str:
    """The Russian word for so many people."""
    return "человека" if size % 10 in (2, 3, 4) and size % 100 not in (12, 13, 14) else "человек"


def _call(scene: Scene) -> str:
    return scene.say("call", day=_day(scene), hour=_hour(scene))


def _day(scene: Scene) -> str:
    """A working day soon, by its name."""
    days, drawn = DAYS[scene.profile.language], scene.chance("day")
    if scene.profile.now is None:
        return days[int(drawn * len(days))]
    ahead = (scene.profile.now + timedelta(days=LEAD_DAYS + more) for more in range(5))
    soon = [one.weekday() for one in ahead if one.weekday() < len(days)]
    return days[soon[int(drawn * len(soon))]]


def _hour(scene: Scene) -> str:
    return HOURS[int(scene.chance("hour") * len(HOURS))]


def _joined(said: list[str]) -> str:
    """The pieces as one line."""
    return " ".join(one if one[-1] in ".!?" or number == len(said) else f"{one}." for number, one in enumerate(said, 1))
