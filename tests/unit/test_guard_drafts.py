"""Drafts in their talk (``phrases/drafts.txt``): ``-`` is refused, ``+`` near it passes; ``[facts]`` are declared."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from salesbot.dialog import guard
from salesbot.dialog.model import Reply
from salesbot.scenarios.load import load
from tests.talk import Talk

SALES = load("sales")
DRAFTS = [
    line
    for line in (Path(__file__).parent / "phrases" / "drafts.txt").read_text(encoding="utf-8").splitlines()
    if line.startswith(("-", "+"))
]
_LINE = re.compile(r"(?P<sign>[-+]) (?P<said>.+) => (?P<parts>[^\[]+?)(?: \[(?P<facts>[^\]]+)\])?")


@pytest.mark.parametrize("line", DRAFTS)
def test_a_draft_is_judged_in_its_talk(line: str) -> None:
    match = _LINE.fullmatch(line)
    assert match is not None
    talk = Talk()
    for said in match["said"].split(" / "):
        speaker, _, words = said.partition(": ")
        talk.says(words) if speaker == "person" else talk.said(words)
    reply = Reply(tuple(match["parts"].split(" / ")), SALES.stages[0].name, facts=tuple((match["facts"] or "").split()))
    found = {one.code for one in guard.check(reply, SALES, talk.history())}
    assert bool(found) is (match["sign"] == "-"), found
