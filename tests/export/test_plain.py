"""Texts that need no care are told from those that do: each character that is let through does nothing."""

from __future__ import annotations

import sys
import unicodedata

from salesbot.visible import isolated, pictured, plain


def test_what_passes_for_plain_turns_divides_and_moves_nothing() -> None:
    turning = {"R", "AL", "AN", "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    passed = [one for one in map(chr, range(sys.maxunicode + 1)) if plain(one)]
    assert [one for one in passed if unicodedata.bidirectional(one) in turning] == []
    assert [one for one in passed if one != "\n" and (len(f"a{one}b".splitlines()) > 1 or pictured(one) != one)] == []
    assert [one for one in passed if "\ud800" <= one <= "\udfff"] == []


def test_most_texts_are_plain() -> None:
    assert plain("Здравствуйте! Да — 4 100 ₽, «чайник»…\n\tOK? 👍🏽 ❤️ 你好 한국 ½ €")
    for odd in ("שלום", "\u202e", "\r", "\u2028", "\x1b[2J", "\x85", "مرحبا"):
        assert not plain(odd)
        assert isolated(odd) != odd or pictured(odd) != odd or len(f"a{odd}b".splitlines()) > 1
