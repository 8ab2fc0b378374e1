"""What ends a dialog for ever, and what must not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from salesbot.dialog.optout import _understood as understood
from salesbot.dialog.optout import grammar, is_opt_out
from salesbot.dialog.optout.words import FORGIVEN, GLUED, LEXICON, MEANINGS, OTHER_WORDS
from salesbot.dialog.speech import is_typo_of, plain, readings, skeleton

PHRASES = Path(__file__).parent / "phrases"

OPT_OUTS = """
уберите наш номер из базы клиентов
unsubscribe us from anything your team mails
стоп
Стоп!
СТОП СТОП СТОП
Стоп, пожалуйста.
Не пишите мне
не пишите мне больше!
Пожалуйста, больше не пишите мне.
Больше никогда сюда не пишите
Прошу вас мне больше не писать
Не надо мне писать
мне не нужно писать
Не хочу, чтобы вы мне писали
Не пишите мне. Откуда у вас мой номер?
Здравствуйте! Не беспокойте меня, пожалуйста
не тревожьте меня больше
Хватит мне писать!!!
перестаньте мне писать
Прекратите спам
прекратите рассылку
отпишите меня
Отпишите меня от рассылки, пожалуйста
Отписаться
отписка
Хочу отписаться
Как отписаться?
отписываюсь
Уберите меня из базы
Удалите мой номер из вашей базы
исключите меня из рассылки
Оставьте меня в покое
Отстаньте от меня
отстаньте уже
отвалите
не присылайте мне рекламу
Не шлите мне больше ничего
Я не хочу получать ваши сообщения
Это не ко мне, не пишите сюда
Если можно, не пишите мне больше
Ещё раз: не пишите мне
Не пишите и не звоните мне больше
Отпишите меня, пожалуйста. Мне это не нужно
Я хочу отписаться от ваших сообщений
Нет, не пишите мне
stop
STOP!
Stop it
stop, please
Unsubscribe
unsubscribe me please
Please unsubscribe me from this
opt out
Opt me out
Do not write to me
don't write me again
Please don't message me anymore.
Dont text me
Don’t contact me ever again
never contact me again
Do not contact us
Stop messaging me
stop texting me!!
Stop sending me messages
please stop writing to me, thank you
Stop spamming me
Remove me from your list
Take me off this list
please remove my number from your database
delete my number
Leave me alone
I don't want to receive messages from you
I do not want to hear from you
Don't bother me. Who gave you my contact?
No thanks, please do not contact me again
how do I unsubscribe?
No more messages please
No, don't write to me
I said no. Do not message me
I don't want your messages
I would like to unsubscribe
Please don't write or call me
do not write and do not call: leave us alone
END
STOPALL
please abstain from contacting me
I object to processing of my data for advertising
my consent has been withdrawn
you are not permitted to contact this number
nobody from your company should write to me
nobody at this household wants messages, make sure nobody texts us
I would be glad if this was the last text from you
make it so that I never get messages from you
any more of this and we are reporting you
one of these again and I complain, blocked
tell your boss to take me off the list
don't even think about texting me again
is there any way to make you stop
wasting your time here, take me off
Владелица этого номера требует больше её не тревожить
этому адресату больше не пишите
Сделайте так, чтобы от вас больше ничего не приходило
чтобы никто от вас мне больше не писал
запрещаю обработку моих данных
при повторном сообщении пожалуюсь в прокуратуру
будете писать - заблокирую
спам, жалуюсь
зачем вы мне пишете? прекратите
ничего мне больше не предлагайте
переписку с вами прекращаю
никому из нас не пишите
рекламу сюда не присылать
примите это как официальный отказ от рассылки
Удалите мои данные и больше не пишите
Delete my data and stop writing to me
Удалите мои данные из вашей базы
delete my data from your list
Запрещаю обращаться ко мне с рекламой
отлипнете вы когда-нибудь? Попрошу мне не писать
Рассылку выключите
Что вам непонятно в слове «хватит писать»?
Можно вы мне не будете больше ничего слать
мне от вас не надо ничего присылать
внесите меня в чёрный список, чтобы никто не звонил
Моя жена не хочет получать от вас сообщения
would you mind deleting my number
dnt txt 2 me agian
nobody at your firm is to message me
no one is to contact us
don't disturb me under any circumstances
which part of never text me do you not understand?
make this the last one
Our CEO asks that you stop messaging him
he doesn't want you texting him
how do I stop receiving these
What do I have to do to get off your list?
You've been told: no more messages
message me again and see what happens
покиньте мой чат
not interested stop texting
I hope never to hear from you again
this number must be deleted
I would like to be removed
Прошу вас прекратить
Подписку отмените
Исключите мой номер из базы обзвона
"""

CONVERSATION = """
пришлите список клиентов, которым нравится
tell me everything you run on weekdays
don't stop
Did you hear me? What does it cost?
Can you see me?
Did you receive my number?
Don't stop writing, this is interesting
I stopped by the office
We will stop by on Monday
Stop, and what does it cost?
stop sending long texts
Stop sending me prices in dollars
Please stop, let me think
Don't write to my e-mail, write here
Do not text me at night
don't call me, text me instead
Don't contact me until Monday
If we do not answer, do not write again
Do not write to Peter, he has left the company
Never mind
I never wrote to you
don't worry
Do not send the invoice yet
I don't want the big machine
No
No, thank you
not interested
We have a coffee machine already
Is there a bus stop nearby?
The machine leaves us alone with the descaling, is that right?
How do I stop the rental contract?
Can I cancel the contract at any time?
end of the month
End
Messages
Sorry, I don't hear
I don't write
Don't text, call me
Don't send anything before we sign
We don't write reports in coffee breaks
The list of plans, please
My colleague said: don't write too much :)
стоп, а сколько стоит?
Стоп. Давайте сначала про доставку
стоп-кран
не пишите мне письма на почту, пишите сюда
Не пишите мне на почту
Не пишите сюда, пишите на рабочий номер
Не пишите мне сегодня, я в дороге
не пишите мне после девяти вечера
не пишите так длинно
не пишите мне длинные сообщения, пожалуйста
Не звоните мне, лучше напишите
Пока не пишите, я подумаю
Если не отвечу, не пишите мне больше
Не пишите Петру, он уволился
Нам не пишут поставщики, вот и ищем
хватит
Хватит ли одной машины на двадцать человек?
Перестаньте шутить :)
Отпишите, когда будет готово
Отпишитесь, пожалуйста, по срокам
Не надо
не интересно
Спасибо, не нужно
Нет
Уберите из списка молоко, остальное берём
Не беспокойтесь, всё в порядке
Вы меня не побеспокоили
не отправляйте пока договор
Можно не писать в договоре адрес?
Как остановить аренду?
Удалите молоко из заказа
Я остановился у офиса
Он сказал не пишите мне на выходных
Сообщения приходят дважды
Не отправляйте
Не присылайте
Отпишитесь
Я вам не писала
end of the week
I was never contacted again
nobody wrote to me after the first call
nothing arrives in my inbox
make sure nobody calls before ten
I'd be glad if this was cheaper
take us off the waiting list for Floor and put us on Team
how do you process my data?
I'm not saying stop, just slow down
do customers often tell you to go away?
keep this up and we'll sign
no more for now, thanks
don't write tomorrow, I'm off
our solicitor reads every contract
до среды меня не трогайте
Не пишите мне, пожалуйста, до утра
сегодня не трогайте меня, завтра поговорим
от вас ничего не приходило
никто мне больше не писал после заявки
сделайте так, чтобы счёт приходил раньше
даю согласие на обработку данных
не предлагайте больше капучинатор
мы прекратили сотрудничество с прошлой фирмой
почему перестали приходить сообщения?
у меня жалоба на вашего курьера
Stop worrying, you are not bothering me at all
No worries, it's not bothering me
Вы меня нисколько не беспокоите
Меня вы не тревожите, пишите
Не забывайте меня
нам запрещено обращаться к посредникам
Would you mind removing the cappuccinator from the offer?
Would you mind writing to me tomorrow?
how do we make it last?
is this the last one?
My boss doesn't like your ads
he doesn't want the big machine
our CEO asks that you call him
Delete my data
please erase all my personal data
delete my data, I am through with you
delete all details you keep about us
delete everything about me
I have the right to be forgotten
Удалите мои данные
Пожалуйста, удалите все мои персональные данные
удалите данные
требую уничтожить все данные обо мне
Удалите всё, что у вас есть про меня
👍
🙂
"""


@pytest.mark.parametrize("text", OPT_OUTS.strip().splitlines())
def test_plain_words_end_the_dialog(text: str) -> None:
    assert is_opt_out(text)


@pytest.mark.parametrize("text", CONVERSATION.strip().splitlines())
def test_conversation_goes_on(text: str) -> None:
    assert not is_opt_out(text)


@pytest.mark.parametrize("text", ["", " \n", "...", "\x00", "?" * 5000])
def test_nothing_is_no_opt_out(text: str) -> None:
    assert not is_opt_out(text)


def phrases(file: str) -> list[str]:
    """One a line: more of what is above, from many angles."""
    return (PHRASES / f"{file}.txt").read_text(encoding="utf-8").splitlines()


def test_opt_outs_of_every_kind_are_recognised() -> None:
    assert [text for text in phrases("opt_outs") if not is_opt_out(text)] == []


def test_nothing_of_a_conversation_ends_it() -> None:
    assert [text for text in phrases("conversation") if is_opt_out(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "не пишиет мне",
        "отпишитте меня",
        "перстаньте мне писать",
        "удалти мой номер",
        "Unsubscibe me",
        "stop mesaging me",
        "dont contcat me",
        "н\u200bе п\u00adишите мне",
        "HЕ ПИШИТЕ MHE",
        "Ne pishite mne bolshe",
        "yt gbibnt vyt",
        "d o n t   w r i t e   t o   m e",
        "НЕ. ПИШИТЕ. МНЕ.",
        "отвали нах*й",
    ],
)
def test_how_it_is_spelled_does_not_matter(text: str) -> None:
    assert is_opt_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "не спишите с меня лишнего",
        "не ищите мне другую",
        "can I cancel the contract?",
        "vending machines, not messages",
        "перестал писать старый поставщик",
        "смотрите мой номер в договоре",
    ],
)
def test_another_word_is_no_slip_of_ours(text: str) -> None:
    assert not is_opt_out(text)


def test_every_part_of_the_grammar_is_a_word_and_every_word_has_its_use() -> None:
    parts = {part for patterns in grammar.PATTERNS.values() for one in patterns for part in re.findall("[a-z_]+", one)}
    assert sorted(parts - MEANINGS.keys() - {"x"}) == []


def test_no_pattern_is_left_out_where_it_could_match() -> None:
    """A clause is asked only for the patterns whose needed part it has: each is met by what it looks for."""
    texts = [line for line in OPT_OUTS.split("\n") if line]
    clauses = {said.text for text in texts for reading in readings(plain(text)) for said in map(understood, reading)}
    for family, patterns in grammar.PATTERNS.items():
        between = grammar.WITHIN_LISTS if family == grammar.LIST else grammar.BETWEEN
        each = [grammar.compiled(pattern, between) for pattern in patterns]
        for clause in clauses:
            found = sorted(match.span() for match in grammar.GRAMMAR[family].matches(clause))
            assert found == sorted(match.span() for pattern in each for match in pattern.finditer(clause)), clause


@pytest.mark.parametrize(
    ("pattern", "part"),
    [
        ("not ~ to_write", "to_write"),
        ("(?:not|nor) ~ bother ~ (?:me|to_me)", "bother"),
        ("^ ~ (?:i ~)? block? ~ you", "you"),
        ("say .* to_write", "say"),
        ("cease|(?:go ~ away)", ""),
        ("(?:go|keep) ~ (?:from (?:me|you))", ""),
    ],
)
def test_the_needed_part_of_a_pattern_is_in_all_that_it_matches(pattern: str, part: str) -> None:
    assert grammar.needed(pattern) == part


@pytest.mark.parametrize("word", ["перстаньте", "перестатьне", "пререстаньте", "перестаньье", "unsubscrbe", "messgaes"])
def test_a_slip_is_found_without_a_look_at_every_word(word: str) -> None:
    meant = next(one for one in FORGIVEN.split() if is_typo_of(skeleton(word), skeleton(one)))
    assert LEXICON.of(word) == LEXICON.of(meant)


def test_a_word_that_is_forgiven_or_glued_is_one_that_is_known() -> None:
    assert [word for word in FORGIVEN.split() if LEXICON.exactly(word) is None] == []
    assert [word for word in OTHER_WORDS.split() if LEXICON.exactly(word) is not None] == []
    assert [pair for pair in GLUED if not MEANINGS.keys() >= set(pair)] == []


@pytest.mark.parametrize(
    "text", ["not " + "me " * 1300, "с т о п " * 500, "again text me ever " * 200, "«" * 4000, "x, " * 1300]
)
def test_no_text_keeps_the_inbox_busy(text: str) -> None:
    """Some of those took seconds, and longer ones for ever, before a clause had an end."""
    assert is_opt_out(text * 10) in (True, False)
