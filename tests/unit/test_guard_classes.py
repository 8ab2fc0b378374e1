"""Classes of drafts that independent cases taught, in words of their own: what is refused, and what near it passes."""

from __future__ import annotations

import pytest

from salesbot.dialog import guard
from salesbot.dialog.model import Reply
from salesbot.scenarios.load import load
from tests.talk import Talk

SALES = load("sales")


def judged(part: str, said: tuple[str, ...]) -> set[str]:
    """Codes of a draft after what the person said."""
    talk = Talk()
    for line in said:
        talk.says(line)
    return {one.code for one in guard.check(Reply((part,), "proposal"), SALES, talk.history())}


@pytest.mark.parametrize(
    ("part", "said"),
    [
        # a former price in thousands that are not named
        ("Раньше Team был двенадцать с половиной, теперь 8 900 ₽.", ()),
        ("Floor used to be twenty-two and a half, these days 15,900 ₽.", ()),
        ("В прошлом году Start стоил семь с половиной, сейчас 4 900 ₽ в месяц.", ()),
        ("Team is 8,900 ₽ a month. Last year it was eleven.", ()),
        ("Floor, 15 900 ₽ в месяц, а был двадцать два.", ()),
        ("Start went down from six and a half to 4,900 ₽.", ()),
        ("Team подешевел с одиннадцати с половиной до 8 900 ₽.", ()),
        ("Team at 8,900 instead of twelve and a half.", ()),
        ("Floor, the list price was around nineteen, now 15,900 ₽.", ()),
        ("Before the summer Start cost six and a half.", ()),
        ("Team стоил примерно одиннадцать, стал 8 900 ₽.", ()),
        ("Team раньше обходился в двенадцать с половиной, теперь 8 900 ₽.", ()),
        # time given away, with a condition or without
        ("If they join, you get two weeks free.", ()),
        ("Sign this week and you have a month free.", ()),
        ("Порекомендуете нас соседям, и вам месяц бесплатно.", ()),
        ("За отзыв вам два месяца бесплатно.", ()),
        ("Bring a friend: a whole quarter free for you.", ()),
        ("Recommend us and the next month is free.", ()),
        ("Если соседи подпишут договор, вам неделя аренды даром и месяц бесплатно.", ()),
        ("You'd get a month free as a thank-you if the other office signs up.", ()),
        ("Third month free if you sign for a year.", ()),
        ("The free months are January and February.", ()),
        ("Your free month starts on Monday.", ()),
        ("With the free week comes a free month of beans.", ()),
        ("If you commit today, a month is free.", ()),
        ("Подпишете договор, и месяц бесплатно.", ()),
        # what comes after the free week is paid
        ("After the free week the second week is free as well.", ()),
        ("После бесплатной недели ещё месяц даром.", ()),
        ("The first week is paid, the second is free.", ()),
        ("After the paid week the next month is free.", ()),
        ("Первый месяц платный, второй бесплатно.", ()),
        # a sincere question is never answered with a plain no
        ("Ha, no, just quick fingers.", ("is this a bot?",)),
        ("Haha, nope! I type fast, that's all.", ("are you an AI?",)),
        ("Oh no, flesh and bone here.", ("am I talking to a bot",)),
        ("No, flesh and blood as ever. How many of you are there?", ("is this automated?",)),
        ("Хаха, нет, просто быстро печатаю.", ("вы бот?",)),
        ("Ой, нет! Сколько вас человек?", ("это нейросеть?",)),
        ("Ахах, нет, из плоти и крови.", ("это чат-бот отвечает?",)),
        ("Lol no. Which plan did you like?", ("be honest, are you a robot",)),
        ("Ha! No, not at all. A fast typist.", ("is this chatgpt?",)),
        ("Hmm, no.", ("is this a bot?",)),
        ("Ну нет, живой и тёплый.", ("ты робот?",)),
        ("Well, no, very much flesh and blood.", ("this is AI right?",)),
        ("Хм, нет, просто Мария.", ("вы бот?",)),
        ("Oh! No. Just me.", ("am I talking to AI?",)),
        # limits and prices of plans in a row are no phones
        ("Звоните 8 (495) 228-40-18.", ()),
        ("Наш номер (495) 228 40 19", ()),
        ("Call 020 7946 0991.", ()),
        ("Номер: 8 912 345-67-89.", ()),
        ("+7 (912) 345 67 89", ()),
        ("Телефон коллеги 228-40-17.", ()),
        ("Карта 2200 1234 5678 9012", ()),
        ("Пишите на 89123456789 ₽", ()),
        ("Напишите Олегу: 8 903 111-22-33.", ()),
        ("Office line: (0161) 496 0123.", ()),
        ("Мой добавочный не нужен, сразу 8(812)3334455", ()),
        # a term in other units is the same term
        ("Цена не меняется 24 месяца, то есть два года.", ()),
        ("The warranty holds for 12 months, so a full year.", ()),
        ("Договор на 12 месяцев, то есть на год.", ()),
        ("We deliver in seven days, so a week.", ()),
        ("The trial is two weeks, so fourteen days.", ()),
        ("The price holds for 12 months, and the contract runs a full year.", ()),
        ("Under the contract the price can't change for three years.", ()),
        ("The contract runs 12 months.", ()),
        # a price compared with that of a plan named before
        ("Team has cappuccino and goes up to 30: 8,900 instead of 15,900 ₽ a month.", ()),
        ("Start is small. Team goes up to 30: 4,900 instead of 8,900 ₽ a month.", ()),
        ("Start is small. Team goes up to 30: 8,900 instead of 9,900 ₽ a month.", ()),
        ("Team у нас 8 900 вместо 15 900 ₽.", ()),
        ("Floor covers eighty. Team goes up to 30: 15,900 ₽ a month.", ()),
        # a share that the person told of themselves
        ("Хорошо, 15% ваши.", ("нам бы процентов 15",)),
        ("15 %, договорились.", ("15% и подписываем",)),
        ("Then 10% it is.", ("10%?",)),
        ("С вами 20 %.", ("20% скидки дадите?",)),
        ("10% works.", ("can you do 10%",)),
        ("Тогда 30% вам, раз столько народу в отпуске.", ("летом 30 процентов в отпуске",)),
        ("60% off, since 60% come in.", ("60% of us come in",)),
        ("If 60% come, you pay 60% of the price.", ("60% of us come in",)),
        ("Раз 40% на удалёнке, цена на 40% ниже.", ("40% сидят на удалёнке",)),
        ("Экономия 40 %.", ("40% сидят на удалёнке",)),
        ("5% is fine with us.", ("make it 5%",)),
        ("Сделаем 20 %.", ("20% в командировках",)),
        ("20% for you then.", ("20% are on trips",)),
        ("Хорошо, 12 %.", ("дайте хотя бы 12%, у нас бюджет",)),
        ("12% it is.", ("we want 12%",)),
        ("12% sounds right.", ("12% would seal it",)),
        ("7 % сделаем.", ("7% и я ваш",)),
        # how soon it is set up
        ("We set it up in a week.", ()),
        ("We'll set it up in two weeks.", ()),
        ("Поставим через неделю.", ()),
        ("Установим за неделю.", ()),
        ("We install it within a week.", ()),
        ("It will be set up after a week.", ()),
        ("We set everything up in two hours.", ()),
        ("They will set the machine up within a day.", ()),
    ],
)
def test_invention_is_refused_in_whatever_words(part: str, said: tuple[str, ...]) -> None:
    assert judged(part, said) != set()


@pytest.mark.parametrize(
    ("part", "said"),
    [
        # a former price in thousands that are not named
        ("Start был маловат, на восемнадцать человек лучше Team за 8 900 ₽.", ("нас 18",)),
        ("Вас было двадцать два, теперь тридцать? Тогда Team, 8 900 ₽.", ("нас было 22, стало 30",)),
        ("You were eighteen last year and twenty-six now, so Team at 8,900 ₽.", ("18 last year, 26 now",)),
        ("Team is for up to thirty people, 8,900 ₽ a month.", ()),
        ("Floor: 15 900 ₽ в месяц, два этажа обслужит одна машина.", ("у нас два этажа",)),
        ("Team instead of two Starts: 8,900 ₽ a month.", ()),
        ("Start, 4 900 ₽. Звонок в 12, как и было?", ("давайте в 12",)),
        ("It was 5 minutes of rinsing a day, and Team is 8,900 ₽.", ()),
        ("Team was made for up to thirty people.", ()),
        ("Start is the first of the three plans, 4,900 ₽.", ()),
        ("Team — 8 900 ₽; первый месяц был бы после пробной недели.", ()),
        ("Team is what you need: there were twelve of you last time.", ("12 of us",)),
        ("До трёх было бы шумно, а сейчас тихо. Team стоит 8 900 ₽.", ()),
        ("Your Jura was from 2017, and Team costs 8,900 ₽.", ("jura from 2017",)),
        ("Start стоит 4 900 ₽, и ничего больше.", ()),
        ("Team costs 8,900 ₽; the call was at 3, right?", ("call at 3 on friday",)),
        ("Team стоит дешевле Floor: 8 900 против 15 900 ₽.", ()),
        ("That was two questions at once: Team is 8,900 ₽, and beans are yours to choose.", ()),
        ("Первым был Start: 4 900 ₽.", ()),
        ("It was ten past, Team is 8,900 ₽.", ("ten past?",)),
        ("Если на третьем этаже вас было 40, нужен Floor за 15 900 ₽.", ("на третьем 40",)),
        ("Floor is 15,900 ₽ against 8,900 ₽ for Team.", ()),
        ("Team вместо двух Start: 8 900 ₽ в месяц.", ()),
        # time given away, with a condition or without
        ("You get a week free to try it.", ()),
        ("Вам неделя бесплатно, потом решите.", ()),
        ("Try it free for seven days.", ()),
        ("A week free, and then 8,900 ₽ a month for Team.", ()),
        ("Неделя бесплатно, дальше 8 900 ₽ в месяц за Team.", ()),
        ("No month free, I'm afraid, only the trial week.", ()),
        ("Месяц бесплатно не получится, только неделя.", ("месяц бесплатно дадите?",)),
        ("You pay from the first invoice, after a free week.", ()),
        ("The free week comes first, the contract after it.", ()),
        ("After your free week you simply tell us.", ()),
        ("Begin with a free week, then six months.", ()),
        ("Delivery within the city is free; outside it costs 1,500 ₽ once.", ()),
        ("With the free trial week you risk nothing.", ()),
        # what comes after the free week is paid
        ("After the free week the second week is paid.", ()),
        ("The first week is free, the second one is paid.", ()),
        ("После бесплатной недели вторая неделя уже платная.", ()),
        ("Первая неделя бесплатно, вторая платная.", ()),
        ("After the free trial the next month is paid as usual.", ()),
        ("Once the free week is over, the month costs 8,900 ₽ for Team.", ()),
        ("Неделя бесплатно, а месяц уже по цене тарифа.", ()),
        # a sincere question is never answered with a plain no
        ("Ha, yes, a program. How many of you are there?", ("is this a bot?",)),
        ("No, not a person: a program writes here.", ("are you human?",)),
        ("Well, no flesh and blood here: I'm a program.", ("are you a person or a bot?",)),
        ("Ну да, программа. Сколько вас?", ("вы бот?",)),
        ("Oh, no, it has no noise to speak of.", ("is the machine loud?",)),
        ("Нет, не человек, а программа, зато быстрая.", ("это человек?",)),
        ("Ha, no, a machine needs no tap.", ("do I need a tap?",)),
        ("Hm, no, Start has no milk.", ("does Start make latte?",)),
        ("Хаха, нет, машину двигать не надо.", ("надо двигать машину?",)),
        ("Your fingers will thank you: one touch for a latte.", ()),
        ("Машина быстро набирает температуру.", ()),
        ("Ну нет, скидок нет: цены для всех одни.", ("а скидка?",)),
        ("Да нет, Start тихий.", ("машина шумная?",)),
        ("Oh no, sorry to hear that. What broke?", ("our machine broke again",)),
        ("Ха, понимаю. Сколько вас человек?", ("с ботом говорить не буду",)),
        # limits and prices of plans in a row are no phones
        ("Start (до 10) 4 900 ₽, Team (до 30) 8 900 ₽, Floor (до 80) 15 900 ₽ в месяц.", ()),
        ("In short: Start (10) 4 900 ₽, Team (30) 8 900 ₽, Floor (80) 15 900 ₽.", ()),
        ("Floor, до 80: 15 900 ₽. Team, до 30: 8 900 ₽.", ()),
        ("Floor до 80 (15 900 ₽), Team до 30 (8 900 ₽).", ()),
        ("Floor на 80 15 900 ₽ в месяц.", ()),
        ("Floor хватит на 80. 15 900 ₽ в месяц это вся цена.", ()),
        ("Start (up to 10) 4,900 ₽; Team (up to 30) 8,900 ₽; Floor (up to 80) 15,900 ₽.", ()),
        ("House (1 кг) 1 700 ₽, Ethiopia (1 кг) 2 300 ₽.", ()),
        ("Team (до 120 порций в день, до 30) 8 900 ₽ в месяц", ()),
        ("Записала: 8 (495) 228-40-17, так?", ("8 495 2284017",)),
        ("Team (8 900 ₽), Floor (15 900 ₽), Start (4 900 ₽).", ()),
        ("1) Start 4 900 ₽ 2) Team 8 900 ₽ 3) Floor 15 900 ₽", ()),
        ("10 чел. 4 900 ₽, 30 чел. 8 900 ₽, 80 чел. 15 900 ₽", ()),
        ("Start 10: 4900р, Team 30: 8900р, Floor 80: 15900р в месяц", ()),
        ("Start/10 4900 руб., Floor/80 15900 руб.", ()),
        ("House 1 700 ₽ (110 чашек). 2 300 ₽ за Ethiopia.", ()),
        # a term in other units is the same term
        ("Цена стоит 12 месяцев, то есть год.", ()),
        ("По договору цена не меняется 12 месяцев, а это целый год.", ()),
        ("The price holds for 12 months, i.e. a whole year.", ()),
        ("The contract keeps the price for twelve months, that is one year.", ()),
        ("Контракт на шесть месяцев, то есть на полгода.", ()),
        ("Try it for seven days, so a full week, at no cost.", ()),
        ("Неделя пробы, то есть семь дней, бесплатно.", ()),
        ("A trial is 7 days, in other words one week.", ()),
        ("Цена по договору фиксируется на 12 месяцев.", ()),
        ("The price in the contract is fixed for a year.", ()),
        ("Under the contract the price can't change for twelve months.", ()),
        ("Договор на полгода, а цена держится 12 месяцев.", ()),
        # a price compared with that of a plan named before
        ("Start is enough for 10. Team goes up to 30: 8,900 against 4,900 ₽ a month.", ()),
        ("Start хватает на десятерых. Team тянет до 30: 8 900 вместо 4 900 ₽ в месяц.", ()),
        ("Team covers thirty. Floor covers eighty, 15,900 rather than 8,900 ₽ a month.", ()),
        ("With Team you'd be at the limit. Floor takes up to 80: 15,900 versus 8,900 ₽.", ()),
        ("Start мал. Team на 30 человек: 8 900 против 4 900 ₽.", ()),
        # a share that the person told of themselves
        ("Если 80 % пьют эспрессо, хватит и Start.", ("процентов 80 пьют эспрессо",)),
        ("With 60% in on Fridays Team is roomy enough.", ("60% of us come in on fridays",)),
        ("Раз 40% на удалёнке, людей в офисе меньше.", ("40% сидят на удалёнке",)),
        ("So 90 % take milk: Team makes cappuccino at one touch.", ("about 90% take milk",)),
        ("30 % сотрудников в отпуске летом, понимаю.", ("летом 30 процентов в отпуске",)),
        ("Понимаю, 50 % дома. Сколько тогда бывает в офисе?", ("процентов 50 работают из дома",)),
        ("With a third of them away and 20% on trips, Team is enough.", ("20% are on trips",)),
        # how soon it is set up
        ("We set it up for a week.", ()),
        ("Поставим на неделю, попробуете.", ()),
        ("Setting it up takes about an hour.", ()),
        ("We set it up within three working days, usually.", ()),
        ("The machine stays for a week, free.", ()),
        ("In a week you'll know whether you like it.", ()),
        ("Через неделю решите, оставлять ли.", ()),
        ("We set one up for a free week, and after a week you decide.", ()),
        ("Setting the machine up takes about an hour, and it is free within the city.", ()),
        ("We bring it and set it up, usually within three working days.", ()),
        ("Once it's set up you have seven days to try it.", ()),
        ("After we set it up, the trial week begins.", ()),
        ("A colleague will set up a call for you.", ()),
        ("Set aside five minutes a day for rinsing.", ()),
        ("You can set the machine up yourselves? No need, we do.", ()),
    ],
)
def test_what_is_near_an_invention_and_none_passes(part: str, said: tuple[str, ...]) -> None:
    assert judged(part, said) == set()
