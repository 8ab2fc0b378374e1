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

MEANINGLESS = """
пожалуйста плиз прошу убедительно очень вас тебя вам больше более никогда вообще совсем мне нам меня нас сюда уже
просто спасибо спс а и но ну так все тогда девушка извините простите впредь здравствуйте привет добрый день вечер утро
здесь тут себе этого эту это этой этот ваш вашу вашей ваши вашего ваших свои свой своими мой моему моим
please pls plz just me us to my the this these any more anymore again ever now at all thanks thank you ok okay hi
hello hey kindly so and but your further really forever sorry of on in from here
"""
FILLER = frozenset(MEANINGLESS.split())
"""Dropped before a clause is compared."""

SPELLED = {
    "ё": "е",
    "’": "'",
    "`": "'",
    "не хочу, чтобы": "не хочу чтобы",
    "не желаю, чтобы": "не желаю чтобы",
    "отпишите меня": "отписываюсь",  # without its object the verb also means "write back"
    "отпиши меня": "отписываюсь",
}

WHOLE = re.compile(r"(?:стоп|stop)(?: (?:стоп|stop))*|stop it|отписка|отписаться|отписать|отпишите|отпиши")
"""Counts as the whole text only."""

RUSSIAN = (
    r"не (?:пиши|пишите|писать)(?: не (?:звони|звоните|звонить))?",
    r"не (?:звони|звоните|звонить) не (?:пиши|пишите|писать)",
    r"не (?:надо|нужно|стоит|смейте) (?:писать|беспокоить|тревожить)",
    r"не (?:хочу|желаю) чтобы (?:вы )?(?:писали|беспокоили)",
    r"не (?:хочу|желаю) (?:получать|видеть|читать) (?:сообщения|сообщений|рассылку|рассылки|рекламу|спам)",
    r"не (?:беспокой|беспокойте|беспокоить|тревожь|тревожьте|тревожить)",
    r"не (?:присылай|присылайте|отправляй|отправляйте|шли|шлите) (?:сообщения|сообщений|рассылку|рекламу|спам|ничего)",
    r"(?:прекрати|прекратите|перестань|перестаньте|хватит|кончайте) (?:писать|спамить|спам|беспокоить|рассылку)",
    r"(?:прекрати|прекратите|перестань|перестаньте|хватит) (?:слать|присылать) (?:сообщения|рассылку|рекламу|спам)",
    r"отписываюсь|(?:хочу|можно|как) отписаться",
    r"(?:отпишите|отписаться|хочу отписаться|отписываюсь|отказываюсь) от (?:рассылки|рассылок|сообщений)",
    r"(?:убери|уберите|удали|удалите|исключи|исключите|вычеркните) (?:номер |контакт |контакты )?"
    r"(?:из|с) (?:базы|рассылки|списка|списков)(?: рассылки)?",
    r"(?:удали|удалите|забудь|забудьте) (?:номер|контакт|контакты)",
    r"(?:оставь|оставьте) в покое|(?:отстань|отстаньте|отвяжись|отвяжитесь)(?: от)?|отвали|отвалите",
)
NOT = r"(?:do not|don't|dont|never)"
ENGLISH = (
    rf"{NOT} (?:write|text|message|msg|contact|bother|disturb)",
    rf"{NOT} (?:call|write|text|message|contact) or (?:call|write|text|message|contact)",
    rf"{NOT} send (?:messages|anything|ads|spam|texts)",
    rf"(?:i )?{NOT} (?:want|wish|need) (?:hear|(?:receive |get )?(?:messages|ads|texts|spam))",
    r"stop (?:writing|texting|messaging|contacting|spamming|bothering|disturbing|sending)",
    r"stop (?:sending )?(?:messages|texts|spam|ads)",
    r"(?:how (?:do|can) )?(?:i )?(?:want |wish |would like )?(?:unsubscribe|opt out)",
    r"(?:take|remove|delete) (?:number |contact )?(?:off )?(?:mailing )?(?:list|lists|database)",
    r"(?:delete|remove|forget|lose) (?:number|contact)",
    r"leave alone|no messages",
)
CLAUSE = re.compile(rf"(?:(?:я|нет|no) )*(?:{'|'.join((*RUSSIAN, *ENGLISH))})")

CONDITION = re.compile(r"\b(?:если|когда|пока|if|when|unless|until|till)\b")
POLITE_CONDITION = re.compile(r"\b(?:если (?:можно|не сложно|не трудно)|if (?:possible|you can|i may))\b")
INVITATION = re.compile(
    r"(?<!не )\b(?:пишите|напишите|пиши|напиши|звоните|позвоните|присылайте|пришлите|шлите)\b"
    r"|(?<!not )(?<!n't )(?<!dont )(?<!never )(?<!or )(?<!and )\b"
    r"(?:call (?:me|us)\b"
    r"|(?:write|text|message|e-?mail|contact|ping|send) (?:me |us |to )*(?:here|instead|by|via|on|at)\b)"
)


def is_opt_out(text: str) -> bool:
    """Whether this message says, for ever and in plain words, that nobody may write to its author."""
    plain = text.casefold()
    for written, meant in SPELLED.items():
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
