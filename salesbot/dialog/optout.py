"""``Do not write to me``, recognised without a model, in Russian and English.

An opt-out is for ever, so a false alarm loses a person for good; a miss costs one more polite line of the model.
The rules are therefore narrow:

- A text is divided into clauses at punctuation, and words that carry no meaning here (please, me, any more …) are
  dropped. A clause counts if what is left is wholly an opt-out. So "do not write to me on Sundays", "do not write to
  my e-mail" and "stop sending long texts" are none: they say how to write, not that nobody may.
- A bare "stop" counts only if the whole text says nothing else: "stop, and what does it cost?" is a conversation.
- A condition ("if we do not answer, do not write again") or an invitation beside it ("write here instead") takes
  it back. A question does not: "Do not write to me. Where did you get my number?"
"""

from __future__ import annotations

import re

BORDER = re.compile(r"[.,!?;\n()«»\"“”…—–]+|\s-\s|:\s")
WORD = re.compile(r"[a-zа-я0-9]+(?:'[a-z]+)?")

FILLER = frozenset(
    "пожалуйста плиз прошу убедительно очень вас тебя вам больше более никогда вообще совсем мне нам меня нас сюда "
    "уже просто спасибо спс а и но ну так все тогда девушка мария извините простите впредь здравствуйте привет добрый "
    "день вечер утро здесь тут себе этого эту это этой этот ваш вашу вашей ваши вашего свои свой своими мой моему моим "
    "лучше нет "
    "please pls plz just me us to my the this these any more anymore again ever now at all thanks thank you ok okay "
    "hi hello hey kindly so and but your no further i said would like want wish really further forever good day sorry "
    "of on in from here".split()
)
"""Dropped before a clause is compared."""

WHOLE = re.compile(r"(?:стоп|stop)(?: (?:стоп|stop))*|stop it|отписка|отписаться|отписать|end")
"""Counts as the whole text only."""

CLAUSE = re.compile(
    r"не (?:пиши|пишите|писать)(?: и не (?:звони|звоните))?"
    r"|не (?:надо|нужно|стоит|смейте) (?:писать|беспокоить|тревожить|присылать)"
    r"|не (?:хочу|желаю) чтобы (?:вы )?(?:писали|беспокоили)"
    r"|не (?:хочу|желаю) (?:получать|видеть|читать) (?:сообщения|сообщений|рассылку|рассылки|рекламу|спам)"
    r"|не (?:беспокой|беспокойте|беспокоить|тревожь|тревожьте|тревожить)"
    r"|не (?:присылай|присылайте|отправляй|отправляйте|шлите|слать)(?: (?:сообщения|сообщений|рассылку|рекламу|спам|ничего))?"
    r"|(?:прекрати|прекратите|перестань|перестаньте|хватит|кончайте) "
    r"(?:писать|спамить|спам|рассылку|присылать|слать|беспокоить|сообщения)(?: (?:сообщения|рекламу|спам))?"
    r"|отпиши|отпишите|отпишись|отпишитесь|отписываюсь|(?:хочу|можно|как|прошу) отписаться"
    r"|(?:отпиши|отпишите|отписаться|отписываюсь|отказываюсь) от (?:рассылки|рассылок|сообщений)"
    r"|(?:убери|уберите|удали|удалите|исключи|исключите|вычеркните) (?:номер |контакт |контакты )?"
    r"(?:из|с) (?:базы|рассылки|списка|списков)(?: рассылки)?"
    r"|(?:удали|удалите|забудь|забудьте) (?:номер|контакт|контакты)"
    r"|оставь в покое|оставьте в покое|отстань|отстаньте|отстань от|отстаньте от|отвали|отвалите|отвяжитесь|отвяжись"
    r"|(?:do not|don't|dont|never) (?:ever )?(?:write|text|message|msg|contact|bother|disturb)"
    r"|(?:do not|don't|dont|never) send (?:messages|anything|ads|spam|texts)"
    r"|(?:do not|don't|dont) (?:receive|get) (?:messages|ads|texts)"
    r"|(?:do not|don't|dont) hear"
    r"|stop (?:writing|texting|messaging|contacting|spamming|bothering|messages|spam|sending|disturbing)"
    r"(?: (?:messages|texts|spam|ads))?"
    r"|unsubscribe|opt out|(?:how )?do unsubscribe|how (?:can|do) unsubscribe"
    r"|(?:take|remove|delete) (?:off )?(?:number |contact )?(?:off )?(?:mailing )?(?:list|lists|database)"
    r"|(?:delete|remove|forget|lose) (?:number|contact)"
    r"|leave alone|messages"
)
FIXED = {"не хочу, чтобы": "не хочу чтобы", "не желаю, чтобы": "не желаю чтобы", "ё": "е", "’": "'", "`": "'"}

CONDITION = re.compile(r"\b(?:если|когда|пока|if|when|unless|until|till)\b")
POLITE_CONDITION = re.compile(r"\b(?:если (?:можно|не сложно|не трудно|вас не затруднит)|if (?:possible|you can|i may))\b")
INVITATION = re.compile(
    r"(?<!не )\b(?:пишите|напишите|пиши|напиши|звоните|позвоните|присылайте|пришлите|шлите)\b"
    r"|(?<!not )(?<!don't )(?<!dont )(?<!never )(?<!ever )\b(?:write|text|message|email|e-mail|call|contact|ping|send) "
    r"(?:me |us |to )*(?:here|instead|there|by|via|on|at|in|an?)\b"
)


def is_opt_out(text: str) -> bool:
    """Whether this message says, for ever and in plain words, that nobody may write to its author."""
    plain = text.casefold()
    for written, meant in FIXED.items():
        plain = plain.replace(written, meant)
    clauses = [core for clause in BORDER.split(plain) if (core := _core(clause))]
    if WHOLE.fullmatch(" ".join(clauses)):
        return True
    if not any(CLAUSE.fullmatch(core) for core in clauses):
        return False
    conditional = CONDITION.search(POLITE_CONDITION.sub("", plain))
    return not conditional and not INVITATION.search(plain)


def _core(clause: str) -> str:
    return " ".join(word for word in WORD.findall(clause) if word not in FILLER)
