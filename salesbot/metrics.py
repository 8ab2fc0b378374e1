"""What is counted where it happens, in this process: names, meanings and labels; docs/monitoring.md lists them.

Counting takes a microsecond and waits for nothing. What the database can be asked is asked when somebody looks
(``watch.gauges``). Labels are codes and numbers of accounts, never people; all values that are known beforehand exist
from the start, because the step from nothing to one is no increase to Prometheus.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

REGISTRY = CollectorRegistry()


class TurnEnd(StrEnum):
    """How a turn ended."""

    SPOKEN = "spoken"
    """Parts were committed, or a draft that waits for its button."""
    NOTHING = "nothing"
    """There was nothing to say."""
    WAITS = "waits"
    """It is too early, or night there."""
    OVERTAKEN = "overtaken"
    """A newer message, or another mode, made the draft wrong."""
    SILENCED = "silenced"
    """A human stepped in while the model was thinking."""
    OPTED_OUT = "opted_out"
    """The model understood that they want no messages."""
    HANDED_OVER = "handed_over"
    NO_MODEL = "no_model"
    """No model answered; it is tried again."""
    NO_MONEY = "no_money"
    FAILED = "failed"


class Phase(StrEnum):
    """Stretches of the way from a message to its answer."""

    QUEUE = "queue"
    """From when a turn was due to when it began."""
    DRAFT = "draft"
    """From its begin to a draft that may be said: the model, repairs, the guard."""
    ANSWER = "answer"
    """From the first unanswered message to the commit of its reply; the quiet that is waited for is part of it."""
    SEND = "send"
    """From the call that sends a part to Telegram's answer."""


class PartEnd(StrEnum):
    """What became of a part."""

    SENT = "sent"
    CANCELLED = "cancelled"
    FAILED = "failed"
    PUT_BACK = "put_back"
    """Refused for now; it is tried again."""
    UNRESOLVED = "unresolved"
    """No answer: whether it arrived is found out."""


class Ages(Collector):
    """Seconds since something happened last, for each of its labels; worked out when somebody looks."""

    def __init__(self, name: str, meaning: str, *labels: str) -> None:
        self._name, self._meaning, self._labels = name, meaning, labels
        self._at: dict[tuple[str, ...], float] = {}
        REGISTRY.register(self)

    def mark(self, *who: object) -> None:
        """It happened just now."""
        self._at[tuple(map(str, who))] = time.monotonic()

    def of(self, *who: object) -> float | None:
        """None: it has not happened yet."""
        at = self._at.get(tuple(map(str, who)))
        return None if at is None else time.monotonic() - at

    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily(self._name, self._meaning, labels=self._labels)
        for who, at in self._at.items():
            family.add_metric(who, time.monotonic() - at)
        yield family


_TURNS = Counter("salesbot_turns", "Turns, by how they ended.", ["end"], registry=REGISTRY)
_PHASES = Histogram(
    "salesbot_phase_seconds",
    "Stretches of the way from a message to its answer.",
    ["phase"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 900),
    registry=REGISTRY,
)
_PARTS = Counter("salesbot_parts", "Parts of replies, by what became of them.", ["end"], registry=REGISTRY)
MESSAGES = Counter("salesbot_messages_received", "Messages of people that were stored.", registry=REGISTRY)
_MODEL_CALLS = Counter("salesbot_model_calls", "Questions put to models.", ["model", "purpose"], registry=REGISTRY)
MODEL_FAILURES = Counter(
    "salesbot_model_failures",
    "Calls without an answer, or without one of use, by the reason.",
    ["code"],
    registry=REGISTRY,
)
_MODEL_TOKENS = Counter("salesbot_model_tokens", "Tokens that were paid for.", ["model", "kind"], registry=REGISTRY)
_MODEL_COST = Counter("salesbot_model_cost_dollars", "US dollars that models cost.", ["model"], registry=REGISTRY)
_MODEL_SECONDS = Histogram(
    "salesbot_model_seconds",
    "How long models took to answer.",
    ["model"],
    buckets=(0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60, 120),
    registry=REGISTRY,
)
_FLOOD_WAITS = Counter(
    "salesbot_flood_waits", "Times that Telegram made an account wait.", ["account"], registry=REGISTRY
)
_FLOOD_SECONDS = Counter("salesbot_flood_wait_seconds", "Seconds for which it did.", ["account"], registry=REGISTRY)
LOOP_LAG = Histogram(
    "salesbot_loop_lag_seconds",
    "How late the event loop wakes its tasks; looked at each second.",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3),
    registry=REGISTRY,
)
LAST_UPDATE = Ages("salesbot_last_update_age_seconds", "Since the last update from Telegram was stored.", "account")
LAST_POLL = Ages("salesbot_last_poll_age_seconds", "Since the bot last heard from the Bot API.")

_ENDS = {end: _TURNS.labels(end.value) for end in TurnEnd}
_STRETCHES = {phase: _PHASES.labels(phase.value) for phase in Phase}
_FATES = {end: _PARTS.labels(end.value) for end in PartEnd}


def turn_ended(end: TurnEnd) -> None:
    _ENDS[end].inc()


def took(phase: Phase, time_taken: timedelta) -> None:
    _STRETCHES[phase].observe(max(0.0, time_taken.total_seconds()))


def part_ended(end: PartEnd) -> None:
    _FATES[end].inc()


def model_asked(model: str, purpose: str) -> None:
    _MODEL_CALLS.labels(model, purpose).inc()


def model_answered(
    model: str, *, prompt_tokens: int, completion_tokens: int, cost: Decimal | None, latency_ms: int
) -> None:
    """``model`` is the one that was asked: what a provider calls the one that answered is a name without end."""
    _MODEL_TOKENS.labels(model, "prompt").inc(prompt_tokens)
    _MODEL_TOKENS.labels(model, "completion").inc(completion_tokens)
    _MODEL_COST.labels(model).inc(float(cost or 0))
    _MODEL_SECONDS.labels(model).observe(latency_ms / 1000)


def flood_wait(account_id: int, seconds: float) -> None:
    _FLOOD_WAITS.labels(str(account_id)).inc()
    _FLOOD_SECONDS.labels(str(account_id)).inc(seconds)
