"""The checks of the language model: the key, what is left to spend, the names, and one answer that is paid for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from salesbot import words
from salesbot.doctor.house import Found, House, Skipped
from salesbot.errors import InvalidReply, ModelRefused, ModelUnavailable
from salesbot.finding import Finding, failure, good, warning
from salesbot.llm import probe
from salesbot.store import checkup

LITTLE = Decimal(1)
"""US dollars below which a word is said however little a day costs."""
SLOW = 20.0
"""Seconds for one answer that people would feel."""


async def key(house: House) -> Found:
    _ = house.lang
    try:
        await house.key()
    except ModelRefused as exc:
        return failure(
            _("The key is refused: {why}.").format(why=words.reason(_, exc.code)),
            _("Correct OPENROUTER_API_KEY (https://openrouter.ai/settings/keys), then restart."),
        )
    except ModelUnavailable as exc:
        return _unreachable(house, exc)
    return good(_("The provider takes OPENROUTER_API_KEY."))


async def credit(house: House) -> Found:
    _ = house.lang
    try:
        left = (await house.key()).remaining
    except (ModelRefused, ModelUnavailable) as exc:
        raise Skipped(_("The provider cannot be asked.")) from exc
    if left is None:
        raise Skipped(_("The provider does not tell what is left to spend."))
    top_up = _("Top it up, or raise the key's limit: https://openrouter.ai/settings/credits")
    if left <= 0:
        return failure(_("There is no credit left at the provider."), top_up)
    spent = await _spent_in_a_day(house)
    said = _("${n} are left at the provider; the last 24 hours cost ${m}.").format(n=f"{left:.2f}", m=f"{spent:.2f}")
    return warning(said, top_up) if left < max(spent, LITTLE) else good(said)


async def _spent_in_a_day(house: House) -> Decimal:
    """As far as it is known."""
    try:
        async with house.tables() as connection:
            return await checkup.spent_since(connection, datetime.now(UTC) - timedelta(days=1))
    except Skipped:
        return Decimal(0)


async def names(house: House) -> Found:
    _, wanted = house.lang, house.settings.llm_models
    try:
        async with probe.asking(house.settings) as client:
            known = await probe.models(client)
    except (ModelRefused, ModelUnavailable) as exc:
        raise Skipped(_("The provider cannot be asked.")) from exc
    if not known:
        raise Skipped(_("The provider does not list its models."))
    missing = probe.missing(wanted, known)
    if not missing:
        return good(_("The provider has {names}.").format(names=", ".join(wanted)))
    said = _("The provider has no model {names}.").format(names=", ".join(missing))
    mend = _("Correct LLM_MODELS; the names are those of https://openrouter.ai/models")
    return failure(said, mend) if wanted[0] in missing else warning(said, mend)


async def answer(house: House) -> Found:
    """One question to the model that answers people, with the schema that the product uses."""
    _, model = house.lang, house.settings.llm_models[0]
    if house.free:
        raise Skipped(_("It would cost money, and nothing that does was wanted."))
    try:
        async with probe.asking(house.settings) as client:
            done = await probe.answer(client, model)
    except ModelRefused as exc:
        return failure(
            _("{model} does not answer: {why}.").format(model=model, why=words.reason(_, exc.code)),
            _("Set another model first in LLM_MODELS, or mend what it says."),
        )
    except ModelUnavailable as exc:
        return _unreachable(house, exc)
    except InvalidReply:
        return warning(
            _("{model} answered, but not in the form that was asked for.").format(model=model),
            _("Set a model first in LLM_MODELS that knows structured outputs (JSON schema)."),
        )
    cost = f"${done.cost:.6f}" if done.cost is not None else _("an unknown sum")
    seconds = done.latency_ms / 1000
    said = _("{model} answered in {n} s for {cost}.").format(model=done.model_used, n=f"{seconds:.1f}", cost=cost)
    return warning(said, _("Set a quicker model first in LLM_MODELS.")) if seconds > SLOW else good(said)


def _unreachable(house: House, exc: ModelUnavailable) -> Finding:
    _ = house.lang
    return failure(
        _("The model's provider does not answer: {why}.").format(why=exc),
        _("Is LLM_BASE_URL right, and does the provider work (https://status.openrouter.ai)? Else wait."),
    )
