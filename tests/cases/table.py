"""The guard's judgement of a case file as a table: recall by the kind of fault, and false alarms."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

from salesbot.scenarios.load import load
from tests.cases.cases import GuardCase, guard_cases

SALES = load("sales")


@dataclass(frozen=True, slots=True)
class Table:
    file: str
    faults: Counter[str]
    """Drafts to be refused, by what is wrong with them."""
    refused: Counter[str]
    good: int
    alarms: int
    alarmed: Counter[str]
    """What the good drafts were refused for, by code; one may have several."""
    wrong: tuple[GuardCase, ...]

    @property
    def recall(self) -> Fraction:
        return Fraction(self.refused.total(), self.faults.total())

    @property
    def false_alarms(self) -> Fraction:
        return Fraction(self.alarms, self.good)

    def __str__(self) -> str:
        lines = [f"{self.file}"]
        lines += [f"  {why:<15}{self.refused[why]:>4} of {many:>3}" for why, many in sorted(self.faults.items())]
        lines.append(
            f"  {'recall':<15}{self.refused.total():>4} of {self.faults.total():>3}  {float(self.recall):7.1%}"
        )
        lines.append(f"  {'false alarms':<15}{self.alarms:>4} of {self.good:>3}  {float(self.false_alarms):7.1%}")
        lines += [f"    for {code:<9}{many:>6}" for code, many in sorted(self.alarmed.items())]
        return "\n".join(lines)


def table(file: str) -> Table:
    """Judges a file. A draft is refused whatever the reason: the person does not see it."""
    cases = guard_cases(file)
    verdicts = {case.name: frozenset(case.judge(SALES)) for case in cases}
    faults = [case for case in cases if case.refused]
    return Table(
        file=file,
        faults=Counter(case.why for case in faults),
        refused=Counter(case.why for case in faults if verdicts[case.name]),
        good=len(cases) - len(faults),
        alarms=sum(bool(verdicts[case.name]) for case in cases if not case.refused),
        alarmed=Counter(code for case in cases if not case.refused for code in verdicts[case.name]),
        wrong=tuple(case for case in cases if bool(verdicts[case.name]) is not case.refused),
    )
