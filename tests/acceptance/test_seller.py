"""A customer is led from the first message to every way in which a talk can end, in Russian and in English.

The scripted model sells, the customer is played through the sandbox, and what is asserted is what the customer and the
operator read and what stands in the database.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from salesbot.scenarios.load import load
from tests.support.forkserver import ROOT
from tests.support.house import ACCOUNT, House, Json
from tests.support.ledger import agree
from tests.support.waiting import until

SALES = load("sales")
WHO = {"ru": "anna", "en": "boris"}
"""Who speaks which language in the sandbox."""
LANGUAGES = sorted(WHO)
SIZE = {"ru": "Нас 25 человек", "en": "There are 25 of us"}


@dataclass
class Talk:
    """A dialog with somebody, seen from their side."""

    house: House
    language: str
    number: int = 0
    above: int = 0
    """The newest of their lines."""

    @property
    def who(self) -> str:
        return WHO[self.language]

    async def begin(self, options: str = "") -> Talk:
        self.number = await self.house.begin(self.who, options)
        return self

    async def say(self, text: str) -> None:
        """They write, and nobody waits for an answer."""
        self.above = int((await self.house.says(self.who, text))["id"])
        await self.house.has_stored(self.number, text)

    async def ask(self, text: str, matching: str = "") -> str:
        """They write; what they hear, once all of it was said."""
        await self.say(text)
        await self.house.hears(self.who, matching, above=self.above)
        await self.house.at_rest(self.number)
        return "\n".join(await self.heard())

    async def heard(self) -> list[str]:
        """What was said after their newest line."""
        return await self.house.heard(self.who, above=self.above)

    async def ends(self, status: str, outcome: str = "none") -> None:
        """Wait until the dialog has come to this."""

        async def ended() -> bool:
            dialog = await self.house.dialog(self.number)
            return (dialog["status"], dialog["outcome"]) == (status, outcome)

        await until(ended, f"dialog {self.number} is {status}, {outcome}")
        await self.house.at_rest(self.number)

    async def hears_nothing_more(self, *texts: str) -> None:
        """They write on and hear nothing, while somebody else is written to."""
        before = await self.house.heard(self.who)
        for text in texts:
            await self.say(text)
        await self.house.begin("emma")  # what is decided later is said: what was not said by now never will be
        await self.house.at_rest(self.number)
        assert await self.house.heard(self.who) == before

    async def facts(self) -> dict[str, tuple[str, str]]:
        """What was learnt: the value, and the words of the message that proves it."""
        rows = await self.house.db.fetch(
            """
            select f.field, f.value, m.content from dialog_facts f join messages m on m.id = f.message_id
            where f.dialog_id = $1 and m.direction = 'in'
            """,
            self.number,
        )
        return {row["field"]: (row["value"], row["content"]) for row in rows}

    async def events(self) -> list[str]:
        rows = await self.house.db.fetch("select kind from events where dialog_id = $1 order by id", self.number)
        return [row["kind"] for row in rows]

    async def refused(self) -> list[str]:
        """Why drafts were refused, in order."""
        rows = await self.house.db.fetch(
            "select error from model_calls where dialog_id = $1 and state = 'failed' order by id", self.number
        )
        return [row["error"] for row in rows]


@pytest.fixture(params=LANGUAGES)
async def talk(request: pytest.FixtureRequest, house: House) -> Talk:
    """A dialog that was begun."""
    return await Talk(house, request.param).begin()


async def suppressed(house: House, who: str) -> bool:
    """Whether this person is never written to again, as the operator finds it."""
    told = await house.tell_bot(f"/start @{who}")
    said = await house.bot_says(r"^№ \d+: .*(asked never to be written to|looking up|open dialog)", above=told)
    if "looking up" in said["text"]:
        number = said["text"].partition(":")[0]
        said = await house.bot_says(rf"^{number}: (?!looking up)", above=int(said["id"]))
    return "asked never to be written to" in said["text"]


# --- won

DEAL = {
    "ru": {
        "hello": ("Добрый день!", ""),
        "size": ("Нас двадцать пять", r"«Team»: 8 900 ₽ в месяц"),
        "now": ("Ходим в кофейню рядом", "кофейня|Кофейня"),
        "sum": ("Три машины Team: сколько?", "26\N{NO-BREAK SPACE}700 ₽"),
        "words": ("А прописью, две машины Team?", "семнадцать тысяч восемьсот рублей"),
        "price": ("Дорого", "всё это отдельно"),
        "send": ("Пришлите расчёт до пятницы", "попрошу коллегу"),
        "yes": ("Подходит", "день и время"),
        "time": ("Завтра в 11:00", "11:00"),
        "thanks": ("Спасибо!", ""),
    },
    "en": {
        "hello": ("Good afternoon!", ""),
        "size": ("We are twenty-five", "“Team” fits well: 8,900 ₽ a month"),
        "now": ("We go to a café next door", "the walk and the queue"),
        "sum": ("How much are three Team machines?", "26,700 ₽"),
        "words": ("And in words, two Team machines?", "seventeen thousand eight hundred roubles"),
        "price": ("Too expensive", "costs extra"),
        "send": ("Send me the figures by Friday", "ask a colleague"),
        "yes": ("Sounds good", "day and a time"),
        "time": ("Tomorrow at 11:00", "11:00"),
        "thanks": ("Thank you!", ""),
    },
}


async def test_a_customer_is_led_to_a_won_deal(talk: Talk) -> None:
    lines = DEAL[talk.language]
    for step, (line, matching) in lines.items():
        if step == "time":
            break
        await talk.ask(line, matching)
        assert (await talk.house.dialog(talk.number))["status"] == "active", step
    now = datetime.now(UTC)
    await talk.ask(*lines["time"])
    await talk.ends("handoff", "won")
    await talk.house.bot_says(r"25 people, Team")  # the operator reads why, and what was said so far

    assert await talk.facts() == {
        "team_size": ("25", lines["size"][0]),
        "drinks_now": (lines["now"][0], lines["now"][0]),
        "doubt": (lines["price"][0], lines["price"][0]),
        "call_time": (lines["time"][0].removesuffix("."), lines["time"][0]),
    }
    tasks = await talk.house.db.fetch("select what, due_at from tasks where dialog_id = $1 order by id", talk.number)
    assert [re.split("[:,]", task["what"])[0] for task in tasks] == ["Send them what they asked for", "Call them"]
    assert all(now < task["due_at"] < now + timedelta(days=8) for task in tasks)
    dialog = await talk.house.dialog(talk.number)
    assert (dialog["stage"], dialog["follow_up_at"]) == ("closing", None)
    assert (await talk.events()).count("promised") == 2
    assert "handoff" in await talk.events()
    assert await talk.refused() == []
    await agree(talk.house, talk.number)

    await talk.house.ask(f"/give {talk.number}", "the model speaks again")
    await talk.ask(*lines["thanks"])
    assert (await talk.house.dialog(talk.number))["outcome"] == "won", "what was agreed stays agreed"
    await agree(talk.house, talk.number)


async def test_a_call_that_nobody_named_a_time_for_is_not_won(talk: Talk) -> None:
    await talk.house.control.fault("model.chat", "sabotage", text="won", count=2)
    heard = await talk.ask(SIZE[talk.language])
    assert heard == SALES.safe_sentence[talk.language]
    await talk.ends("handoff")
    assert await talk.refused() == ["unproven", "unproven"]


# --- another business


async def test_a_scenario_from_the_documentation_leads_to_a_won_deal(quiet_house: House) -> None:
    house = quiet_house
    folder = house.folder / "scenarios" / "swim-school"
    shutil.copytree(ROOT / "docs" / "scenarios" / "swim-school", folder)
    main = folder / "scenario.toml"
    main.write_text(re.sub(r"(?m)^quiet_hours\b.*\n", "", main.read_text(encoding="utf-8")), encoding="utf-8")
    await house.product.start()
    talk = await Talk(house, "en").begin("scenario=swim-school")
    assert "Harbour Swim School" in "\n".join(await house.heard(talk.who))
    for line in ("Hi! Who is this?", "She is six", "a little", "What does it cost?", "ok", "Next Saturday"):
        await talk.ask(line)
    await talk.ends("handoff", "won")
    assert set(await talk.facts()) == {"age", "swims", "trial_day"}
    assert await talk.refused() == []
    await agree(house, talk.number)


# --- lost

NO = {"ru": "Нет, спасибо, не интересно", "en": "No thanks, not interested"}
BACK = {"ru": ("А сколько стоит Team?", "8 900 ₽"), "en": ("What does Team cost?", "8,900 ₽")}


async def test_a_no_is_a_no_and_nothing_follows_it(talk: Talk) -> None:
    await talk.ask(SIZE[talk.language])
    await talk.ask(NO[talk.language])
    await talk.ends("closed", "lost")
    dialog = await talk.house.dialog(talk.number)
    assert (dialog["follow_up_at"], dialog["stage"]) == (None, "closing")
    assert len(await talk.heard()) == 1, "thanks, and no further question"
    assert await talk.refused() == []
    await agree(talk.house, talk.number)


async def test_who_comes_back_after_a_no_is_answered(talk: Talk) -> None:
    await talk.ask(NO[talk.language])
    await talk.ends("closed", "lost")
    await talk.ask(*BACK[talk.language])
    assert (await talk.house.dialog(talk.number))["status"] == "active"
    await agree(talk.house, talk.number)


# --- never again

STOP = {"ru": "Больше не пишите мне", "en": "Please do not write to me any more"}
ODD = {"ru": "Забудьте дорогу в этот чат", "en": "I wish you would vanish from my phone"}
LATER = {"ru": "Вы меня услышали? Сколько стоит?", "en": "Did you hear me? What does it cost?"}


@pytest.mark.parametrize(("words", "calls"), [(STOP, 0), (ODD, 1)], ids=["in plain words", "by the model's judgement"])
async def test_an_opt_out_gets_one_farewell_and_then_silence(talk: Talk, words: dict[str, str], calls: int) -> None:
    heard = await talk.ask(words[talk.language])
    assert heard == SALES.farewell[talk.language]
    await talk.ends("closed", "opted_out")
    replies = await talk.house.db.fetchval(
        "select count(*) from model_calls where dialog_id = $1 and purpose = 'reply'", talk.number
    )
    assert replies == calls, "the words were recognised where they were to be"
    await talk.hears_nothing_more(LATER[talk.language], STOP[talk.language] + "!")
    assert await suppressed(talk.house, talk.who)
    assert await talk.refused() == []
    await agree(talk.house, talk.number)


# --- gone

GONE: dict[str, tuple[str, str, Json]] = {
    "blocked": ("POST", "/block", {"as_": "{who}", "who": ACCOUNT}),
    "unreachable": ("PATCH", "/users/{who}", {"deleted": True}),
}


@pytest.mark.parametrize("outcome", sorted(GONE))
async def test_who_cannot_be_reached_any_more_is_left_alone(talk: Talk, outcome: str) -> None:
    method, path, fields = GONE[outcome]
    asked = await talk.house.control.fault("model.chat", "hold")
    await talk.say(SIZE[talk.language])
    await talk.house.control.fired(asked)
    filled: Json = {name: talk.who if value == "{who}" else value for name, value in fields.items()}
    await talk.house.control.call(method, path.format(who=talk.who), **filled)
    await talk.house.control.call("POST", f"/faults/{asked}/release")
    await talk.ends("closed", outcome)
    assert await talk.heard() == []
    assert (await talk.house.dialog(talk.number))["follow_up_at"] is None


# --- a human is needed

HANDOFFS: dict[str, tuple[dict[str, tuple[str, ...]], str]] = {
    "asked for": ({"ru": ("Позовите менеджера",), "en": ("Can I talk to a real person?",)}, "asks for a person"),
    "angry": ({"ru": ("Вы меня уже достали",), "en": ("I am fed up with this",)}, "the customer is angry"),
    "deal ready": (
        {"ru": (SIZE["ru"], "Берём, готовьте договор"), "en": (SIZE["en"], "We take it, prepare the contract")},
        "the deal is ready",
    ),
    "discount insisted on": (
        {"ru": ("А скидка есть?", "И всё-таки, скидку дадите?"), "en": ("A discount?", "Oh come on, a discount!")},
        "insists on a discount",
    ),
    "too large": (
        {"ru": ("Нас 140 человек", "Да"), "en": ("There are 140 of us", "Yes")},
        "140 people: several machines",
    ),
}


@pytest.mark.parametrize("why", HANDOFFS)
async def test_a_human_is_called(talk: Talk, why: str) -> None:
    lines, note = HANDOFFS[why]
    for line in lines[talk.language]:
        await talk.ask(line)
    assert len(await talk.heard()) == 1, "one sentence"
    await talk.ends("handoff")
    assert note in (await talk.house.dialog(talk.number))["handoff_note"]
    await talk.house.bot_says(note)
    assert "handoff" in await talk.events()
    assert await talk.refused() == []
    await talk.hears_nothing_more(LATER[talk.language])
    await agree(talk.house, talk.number)


@pytest.mark.parametrize("kind", ["price", "discount", "denial", "leak", "promise", "link", "language"])
async def test_after_two_refused_drafts_a_safe_sentence_and_a_human(talk: Talk, kind: str) -> None:
    spoilt = await talk.house.control.fault("model.chat", "sabotage", text=kind, count=None)
    heard = await talk.ask(SIZE[talk.language])
    assert heard == SALES.safe_sentence[talk.language]
    await talk.ends("handoff")
    assert len(await talk.refused()) == 2
    (rule,) = [one for one in await talk.house.control.call("GET", "/faults") if one["id"] == spoilt]
    assert rule["fired"] == 2, "a third draft is not paid for"
    await talk.house.bot_says(rf"№ {talk.number}\b.*human", above=0)
    await talk.house.control.call("DELETE", "/faults")
    await talk.hears_nothing_more(LATER[talk.language])
    await agree(talk.house, talk.number)


@pytest.mark.parametrize("kind", ["price", "denial", "promise"])
async def test_one_refused_draft_is_mended_and_nobody_sees_it(talk: Talk, kind: str) -> None:
    await talk.house.control.fault("model.chat", "sabotage", text=kind)
    heard = await talk.ask(SIZE[talk.language])
    assert heard != SALES.safe_sentence[talk.language]
    assert (await talk.house.dialog(talk.number))["status"] == "active"
    assert len(await talk.refused()) == 1
    await agree(talk.house, talk.number)


# --- honest answers

MACHINE = {"ru": ("А вы случайно не бот?", "программа-помощник"), "en": ("Are you a bot?", "assistant program")}
SOURCE = {"ru": "Откуда у вас мой контакт?", "en": "Where did you get my contact?"}
KNOWN = {"ru": ("Что вы обо мне знаете?", "25"), "en": ("What do you know about me?", "25")}
DELETE = {"ru": "Удалите мои данные", "en": "Delete my data"}


async def test_it_says_that_it_is_a_program(talk: Talk) -> None:
    await talk.ask(*MACHINE[talk.language])
    assert (await talk.house.dialog(talk.number))["status"] == "active"
    assert await talk.refused() == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_says_why_it_writes_as_the_operator_recorded_it(house: House, language: str) -> None:
    reason = {"ru": "визитка на выставке", "en": "asked at the fair"}[language]
    talk = await Talk(house, language).begin(f'basis="{reason}"')
    await talk.ask(SOURCE[language], reason)
    assert (await house.dialog(talk.number))["status"] == "active"
    assert await talk.refused() == []


async def test_without_a_record_of_the_reason_a_human_answers(talk: Talk) -> None:
    await talk.ask(SOURCE[talk.language])
    await talk.ends("handoff")


async def test_it_says_what_it_knows_about_them(talk: Talk) -> None:
    await talk.ask(SIZE[talk.language])
    await talk.ask(*KNOWN[talk.language])
    assert (await talk.house.dialog(talk.number))["status"] == "active"
    assert await talk.refused() == []


async def test_who_wants_their_data_deleted_gets_a_human_who_can(talk: Talk) -> None:
    await talk.ask(DELETE[talk.language])
    await talk.ends("handoff")
    assert len(await talk.heard()) == 1
    await talk.house.bot_says(rf"№ {talk.number}\b.*data")


# --- two machines

PLEASANTRIES = {
    "ru": ("Спасибо!", "Хорошего дня!", "И вам спасибо!", "Всего доброго!", "Рада помочь!", "Взаимно, спасибо!"),
    "en": ("Thank you!", "Have a nice day!", "Thanks to you!", "You are welcome!", "Glad to help!", "Thanks, bye!"),
}


async def test_two_machines_that_thank_each_other_are_parted(talk: Talk) -> None:
    async def ended() -> bool:
        return bool((await talk.house.dialog(talk.number))["status"] == "handoff")

    async def ended_or_heard() -> bool:
        return await ended() or bool(await talk.heard())

    for line in PLEASANTRIES[talk.language]:
        await talk.say(line)
        await until(ended_or_heard, "they were answered, or it is over")
        await talk.house.at_rest(talk.number)
        if await ended():
            break
    await talk.ends("handoff")
    assert await talk.heard() == [], "the last word is theirs"
    reasons = await talk.house.db.fetch(
        "select data->>'reason' as reason from events where dialog_id = $1 and kind = 'handoff'", talk.number
    )
    assert [row["reason"] for row in reasons] == ["two_bots"]
    await talk.house.bot_says(rf"№ {talk.number}\b.*program")
    await agree(talk.house, talk.number)
