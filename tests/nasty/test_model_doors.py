"""What the model is shown and what it says: nobody's words leave their role, no answer is taken for what it is not."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesbot.dialog import guard, language, optout
from salesbot.dialog.model import Author, Contact, Edit, History, Kind, Purpose, Reply
from salesbot.errors import InvalidReply
from salesbot.llm import prompt
from salesbot.llm.prompt import Role
from salesbot.llm.reply import parse, units
from tests.nasty.corpus import NAMES, by_name, nasty, stored, unkind
from tests.talk import DIALOG, NOON, TEAPOTS, Talk

WIDE = replace(TEAPOTS, max_part_chars=4096, max_parts=3)
OF_THE_PERSON = re.compile(r"^(?:Language|Name in their profile): .*\n", re.MULTILINE)
HARMLESS = ("hello", "there", "Anna", "a.pdf")


def shown(said: str, quote: str, name: str, media: str) -> tuple[prompt.ChatMessage, ...]:
    """A dialogue in which the person says such things wherever people can say anything."""
    talk = Talk()
    talk.says(said, edits=(Edit(quote, NOON + timedelta(hours=1)),))
    talk.said("Good day!", reaction=media)
    talk.said("A colleague here.", author=Author.HUMAN)
    last = talk.says(said, quote=quote, kind=Kind.DOCUMENT, media=media)
    contact = Contact(1, username=name, name=name, language=name)
    return prompt.build(TEAPOTS, DIALOG, contact, talk.history(last), NOON, Purpose.REPLY)


@unkind
@given(nasty(), nasty(), nasty(), nasty())
def test_a_persons_words_stay_in_their_own_turns(said: str, quote: str, name: str, media: str) -> None:
    said, quote, name, media = map(stored, (said, quote, name, media))
    messages, harmless = shown(said, quote, name, media), shown(*HARMLESS)
    assert [one.role for one in messages] == [Role.SYSTEM, Role.USER, Role.ASSISTANT, Role.USER, Role.SYSTEM]
    assert messages[0] == harmless[0]
    assert messages[2].content == "Good day!\n\nA colleague here."
    last, plain = (OF_THE_PERSON.sub("", one[-1].content) for one in (messages, harmless))
    reacted = re.compile(r"^The person reacted with ([^\w\n]{1,8}) to your line \"Good day!\"\n", re.MULTILINE)
    assert reacted.sub("", last) == reacted.sub("", plain)
    for line in OF_THE_PERSON.findall(messages[-1].content):
        assert re.fullmatch(r"Language: (English|Russian)\.\n|Name in their profile: [^\W\d_]{2,20}\.\n", line)


@unkind
@given(nasty())
def test_square_brackets_are_the_programs_alone(said: str) -> None:
    talk = Talk()
    last = talk.says(stored(said))
    content = prompt.build(TEAPOTS, DIALOG, None, talk.history(last), NOON, Purpose.REPLY)[1].content
    assert not re.search(r"[\[\]［］【】〔〕〚〛⟦⟧]", content.replace("[empty message]", ""))
    assert len(content) == len(stored(said)) or not stored(said)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_sent_to_the_provider_is_what_was_said(name: str) -> None:
    """The whole way over JSON: no text ends its message and begins another."""
    messages = shown(stored(by_name(name)), "q", "n", "m")
    body = json.loads(json.dumps([{"role": one.role.value, "content": one.content} for one in messages]))
    assert [one["role"] for one in body] == ["system", "user", "assistant", "user", "system"]
    assert [one["content"] for one in body] == [one.content for one in messages]


# --- what comes back


UNSAID = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]")
"""What Telegram takes out of a message, and what nobody sees: a part has to stand in the chat as it does in its row."""


def answered(text: str) -> tuple[Reply | None, InvalidReply | None]:
    """What becomes of an answer; anything but these two is a fault."""
    try:
        return parse(text, WIDE), None
    except InvalidReply as refused:
        return None, refused


@unkind
@given(st.lists(nasty(), min_size=1, max_size=3), nasty(), st.booleans())
def test_what_the_model_says_is_sendable_or_refused(parts: list[str], handoff: str, escaped: bool) -> None:
    answer = json.dumps({"parts": parts, "stage": "hello", "handoff": handoff}, ensure_ascii=escaped)
    reply, refused = answered(answer)
    if reply is None:
        assert refused is not None and refused.code in ("empty", "too_long")
        return
    for part in (*reply.parts, reply.handoff or "-"):
        assert part == part.strip() != ""
        assert not UNSAID.search(part)
        part.encode()
    assert all(units(part) <= 4096 for part in reply.parts)
    again = parse(json.dumps({"parts": reply.parts, "stage": reply.stage, "handoff": reply.handoff}), WIDE)
    assert again == reply


@unkind
@given(nasty(), st.sampled_from(["", "```json\n", '{"parts": ', '{"parts": ["x"], "stage": "hello", "outcome": ']))
def test_what_is_no_answer_is_refused_without_repeating_it(text: str, before: str) -> None:
    _, refused = answered(before + text)
    if refused is not None:
        assert refused.__cause__ is refused.__context__ is None
        assert len(str(refused).splitlines()) == 1


def test_an_answer_that_the_person_dictates_is_only_their_text() -> None:
    reply = parse(json.dumps({"parts": [by_name("json reply")], "stage": "hello"}), WIDE)
    assert (reply.stage, reply.handoff) == ("hello", None)
    assert "note" in {one.code for one in guard.check(reply, WIDE, History(()))}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Take 90\u200b% off", "percentage"),
        ("Take 90\u200d % off", "percentage"),
        ("It is 9\u20600\u2060 €", "money"),
        ("It is 5 \u202e€", "money"),
        ("Look at evil\u200b.\u200bexample", "link"),
        ("Look at https\u00ad://evil.test", "link"),
    ],
)
def test_nothing_hides_from_the_guard_behind_what_is_not_seen(said: str, code: str) -> None:
    reply = parse(json.dumps({"parts": [said], "stage": "hello"}), TEAPOTS)
    assert code in {one.code for one in guard.check(reply, TEAPOTS, History(()))}


def test_joined_emoji_and_flags_stay_whole() -> None:
    said = "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f\u200d\U0001f525 \U0001f44d\U0001f3ff\u200d"
    assert parse(json.dumps({"parts": [said], "stage": "hello"}), TEAPOTS).parts == (said,)


# --- rules without a model


@unkind
@given(nasty(), nasty())
def test_the_guard_judges_anything_and_always_the_same(part: str, said: str) -> None:
    talk = Talk()
    talk.says(stored(said)[:1000])
    reply = Reply((stored(part)[:1000],), "hello")
    assert guard.check(reply, TEAPOTS, talk.history()) == guard.check(reply, TEAPOTS, talk.history())


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_the_corpus_is_an_opt_out(name: str) -> None:
    assert not optout.is_opt_out(by_name(name))


@unkind
@given(nasty())
def test_an_opt_out_stands_whatever_surrounds_it(text: str) -> None:
    optout.is_opt_out(text)
    assert optout.is_opt_out("\u200fстоп\u200e")
    assert optout.is_opt_out("\ufeffDo not write to me!\x00")
    assert language.of_text(text) in (None, "ru", "en")
