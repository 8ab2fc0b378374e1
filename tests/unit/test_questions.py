"""The questions that want an honest answer, and those that only look like them."""

from __future__ import annotations

import pytest

from salesbot.dialog.questions import Question, asked

ASKED = {
    Question.MACHINE: """
ты бот?
Вы бот
То есть вы бот?
Вы случайно не робот?
это нейросеть отвечает?
Скажите честно, я с роботом разговариваю?
я сейчас с живым человеком общаюсь?
Такое ощущение, что я переписываюсь с ботом
Подскажите пожалуйста вы живой человек или программа
мне отвечает человек?
Здравствуйте! А вы настоящий менеджер?
тут есть живые люди?
Бот?
Интересно. А ты вообще человек?
Вы машина?
чат-бот?
Это ИИ?
Ты ЧатГПТ?
кто мне пишет, бот или человек?
вы что, роботы?
ТЫ БОООТ???
Are you a bot?
am I talking to a real person?
Is this a bot
are you human
are u an AI or a real person?
r u a robot
Wait, is there a real person here?
Sorry, just curious: are you ChatGPT?
you're a bot?
Is this automated?
Am I chatting with a machine?
Are you a program?
Is it a human or some AI writing to me on this Saturday?
So you are not a human?
""",
    Question.SOURCE: """
Откуда у вас мой номер?
откуда вы взяли мой контакт
Где вы нашли мой телефон?
Как вы меня нашли?
кто дал вам мой номер?
Откуда вы меня знаете?
Не пишите мне. Откуда у вас мои данные?
а как вы узнали мой ник?
Where did you get my number?
how did you find me?
Who gave you my contact?
Hi, how do you know me
Where do you have my details from?
how did u get my telegram username
""",
    Question.ERASURE: """
Удалите мои данные
Прошу удалить все мои персональные данные
сотрите всю информацию обо мне
уничтожьте пожалуйста все данные про меня
Отзываю своё согласие на обработку персональных данных
delete my data
Please erase all my personal information.
Remove everything you have on me
wipe all the data you have about me
I withdraw my consent
I want you to delete all of my data, thanks
Удалите мои данные и больше не пишите
удалите мои данные больше никогда не пишите
Больше не пишите и удалите все мои данные
Delete my data and never contact me again
Don't contact me and delete my data
Please delete my data and stop writing to me
Удалите данные
сотрите, пожалуйста, данные
прошу стереть всю информацию
хочу удалить данные
Erase data.
wipe all the data please
""",
    Question.KNOWLEDGE: """
Что вы обо мне знаете?
а что у вас есть на меня
Какие данные обо мне вы храните?
какая информация обо мне у вас есть?
Пришлите мои данные, которые у вас есть
какие мои данные вы собрали?
What do you know about me?
what data do you hold on me
Which of my data do you store?
Send me a copy of my data
what information have you collected about me?
""",
}

OTHERS = """
Is the coffee machine automatic?
Машина автоматическая?
это машина на два бойлера?
ты бот тупой
Вы робот-пылесос тоже сдаёте?
Сколько человек нужно, чтобы её поднять?
Мы делаем ботов для ресторанов
Человек приедет устанавливать?
Позовите человека
я не бот
I am not a robot :)
Do you rent robots as well?
We are a company of ten people
Can someone call me?
Who is this person on the photo?
откуда у вас такие цены?
Откуда зёрна?
Где ваш офис?
Как мне найти ваш сайт?
дайте ваш номер
Where did you get these beans?
How do I get your price list?
My number is 555
How did you find a price like that for me?
Удалите молоко из заказа
Не удаляйте мои данные, пригодятся
сотрите данные по второму заказу
как стереть данные?
удалите данные?
the button says erase data
can the machine erase data?
wipe data and what does it cost?
удалите всё
delete the second machine from my order
Do you delete my data after the trial?
Do not delete my data yet
Do you store and delete my data?
please do not remove my records and keep writing
Не надо стирать мои данные и удалять историю
don't sell or delete my data
Что вы знаете про кофе?
Какие у вас данные по мощности?
What do you know about espresso?
Send me the info about plans
Which machine do you have?
Что у вас есть?
Расскажите о себе
Нас двенадцать человек
👍
Программа лояльности есть?
"""


@pytest.mark.parametrize(
    ("text", "question"),
    [(text, question) for question, texts in ASKED.items() for text in texts.strip().splitlines()],
)
def test_what_is_sincerely_asked_is_recognised(text: str, question: Question) -> None:
    assert question in asked(text)


@pytest.mark.parametrize("text", ["", "\n", "?", *OTHERS.strip().splitlines()])
def test_what_asks_something_else_is_none_of_them(text: str) -> None:
    assert asked(text) == frozenset()


def test_several_things_are_asked_at_once() -> None:
    both = asked("Вы бот? Откуда у вас мой номер?")
    assert both == {Question.MACHINE, Question.SOURCE}
