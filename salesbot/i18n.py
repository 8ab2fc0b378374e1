"""The operator's language: gettext catalogues in ``locales/``, English as the source."""

from __future__ import annotations

import gettext
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("locales")
DOMAIN = "salesbot"
CODES = ("en", "ru")


@dataclass(frozen=True, slots=True)
class Lang:
    """One language; called with an English text it gives the translation. By custom the parameter is named ``_``."""

    code: str
    catalogue: gettext.NullTranslations

    def __call__(self, text: str) -> str:
        return self.catalogue.gettext(text)

    def plural(self, one: str, many: str, n: int) -> str:
        """The form of the word that goes with ``n``, with ``{n}`` filled in."""
        separator = "," if self.code == "en" else "\N{NO-BREAK SPACE}"
        return self.catalogue.ngettext(one, many, n).format(n=f"{n:,}".replace(",", separator))


@cache
def lang(code: str) -> Lang:
    """The language of one of ``CODES``. Raises ``FileNotFoundError`` when its catalogue was not compiled."""
    return Lang(code, gettext.translation(DOMAIN, FOLDER, [code]))


def of(telegram_code: str | None, fixed: str | None = None) -> Lang:
    """The language for somebody whose Telegram says ``telegram_code`` (``ru``, ``ru-RU``); others read English."""
    return lang(fixed or ("ru" if (telegram_code or "").lower().split("-")[0] == "ru" else "en"))
