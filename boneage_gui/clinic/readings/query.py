"""Query: which readings are wanted, in what order; as parameters, never as text of a statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from boneage_gui.clinic.reading import Decision
from trainer.radiograph import Sex


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search in the worklist; every empty field is no condition."""

    text: str = ""  # words that stand in label, user, model, reason or the start of the patient's hash
    decision: Decision | None = None
    sex: Sex | None = None
    since: date | None = None  # day of the reading, UTC
    until: date | None = None
    patient_hash: str | None = None
    radiograph_hash: str | None = None
    superseded_too: bool = False

    def condition(self) -> tuple[str, list[object]]:
        """Return the words after WHERE and their parameters."""
        parts: list[str] = []
        values: list[object] = []
        for word in self.text.split():
            pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            parts.append(
                "(label LIKE ? ESCAPE '\\' OR user LIKE ? ESCAPE '\\' OR model_name LIKE ? ESCAPE '\\' "
                "OR reason LIKE ? ESCAPE '\\' OR patient_hash LIKE ? ESCAPE '\\')"
            )
            values += [pattern] * 4 + [pattern[1:]]
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
            values.append(self.since.isoformat())
        if self.until is not None:
            parts.append("read_at < ?")
            values.append((self.until + timedelta(days=1)).isoformat())
        if not self.superseded_too:
            parts.append("NOT EXISTS (SELECT 1 FROM readings AS later WHERE later.supersedes = readings.reading_id)")
        return " AND ".join(parts) or "1", values
