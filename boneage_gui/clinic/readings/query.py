"""Query: which readings are wanted, in what order; as parameters, never as text of a statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from boneage_gui.clinic.reading import Decision
from trainer.radiograph import Sex

_TEXTS: Final = ("label", "user", "model_name", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search in the worklist; every empty field is no condition."""

    text: str = ""  # words that stand in label, user, model, reason or the start of the patient's hash
    decision: Decision | None = None
    sex: Sex | None = None
    since: date | None = None  # day of the reading, by this computer's clock as the table shows it
    until: date | None = None
    patient_hash: str | None = None
    radiograph_hash: str | None = None
    superseded_too: bool = False

    def condition(self) -> tuple[str, list[object]]:
        """Return the words after WHERE and their parameters."""
        parts: list[str] = []
        values: list[object] = []
        for word in self.text.split():
            part, patterns = _stands_somewhere(word)
            parts.append(part)
            values += patterns
        equal = {
            "decision": self.decision.value if self.decision else None,
            "sex": self.sex.value if self.sex else None,
            "patient_hash": self.patient_hash,
            "radiograph_hash": self.radiograph_hash,
        }
        for name, value in equal.items():
            if value is not None:
                parts.append(f"{name} = ?")
                values.append(value)
        if self.since is not None:
            parts.append("read_at >= ?")
            values.append(_begin_of(self.since))
        if self.until is not None:
            parts.append("read_at < ?")
            values.append(_begin_of(self.until, days_on=1))
        if not self.superseded_too:
            parts.append("NOT EXISTS (SELECT 1 FROM readings AS later WHERE later.supersedes = readings.reading_id)")
        return " AND ".join(parts) or "1", values


def _stands_somewhere(word: str) -> tuple[str, list[str]]:
    """Return the condition that a word stands in a reading, whatever its case, and its patterns.

    LIKE knows the case of plain letters alone: it takes any letter for another one, and GLOB then looks whether it is
    one of the wanted. The two together are as fast as LIKE by itself; a function of ours would be asked for each row.
    """
    like = "%" + "".join(_liked(letter) for letter in word) + "%"
    if word.isascii():
        texts = " OR ".join(f"{name} LIKE ? ESCAPE '\\'" for name in _TEXTS)
        return f"({texts} OR patient_hash LIKE ? ESCAPE '\\')", [like] * len(_TEXTS) + [like[1:]]
    glob = "*" + "".join(_globbed(letter) for letter in word) + "*"
    texts = " OR ".join(f"({name} LIKE ? ESCAPE '\\' AND {name} GLOB ?)" for name in _TEXTS)
    return f"({texts})", [like, glob] * len(_TEXTS)


def _liked(letter: str) -> str:
    if not letter.isascii():
        return "_"
    return "\\" + letter if letter in "\\%_" else letter


def _globbed(letter: str) -> str:
    """Return what stands for a letter in every case that is one letter; two steps, for two small ones (ς, Σ, σ)."""
    cases = {letter}
    for _ in range(2):
        cases |= {other for one in cases for other in (one.lower(), one.upper()) if len(other) == 1}
    if len(cases) == 1 and letter not in "*?[":
        return letter
    return f"[{''.join(sorted(cases))}]"


def _begin_of(day: date, *, days_on: int = 0) -> str:
    """Return the moment at which a day begins on this computer, as the store writes moments: in UTC."""
    try:
        midnight = datetime.combine(day + timedelta(days=days_on), time())
        return midnight.astimezone(UTC).isoformat(timespec="milliseconds")
    except (OverflowError, OSError, ValueError):  # before the first day or after the last that can be reckoned with
        return day.isoformat()
