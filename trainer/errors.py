"""What can go wrong, as sentences a user can read."""

from __future__ import annotations

import traceback
from typing import Final

WHERE: Final = "Where it broke, innermost last:"


def printable(text: str, longest: int | None = None) -> str:
    """Return a text in which a foreign name or card can neither move the cursor nor turn or break the line.

    Beyond ``longest`` letters it is cut short.
    """
    shown = text if longest is None or len(text) <= longest else text[: longest - 1] + "…"
    return "".join(letter if letter.isprintable() else "?" for letter in shown)


def where_it_broke(error: BaseException) -> str:
    """Return the places and kinds of an error and its causes, as a log may hold them: their words may name a patient.

    An error that comes from another process of ours brings its places from there as a note.
    """
    parts: list[str] = []
    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:
        seen.append(cause)
        parts.append(f"{WHERE}\n{''.join(traceback.format_tb(cause.__traceback__))}{type(cause).__name__}")
        parts += [note for note in getattr(cause, "__notes__", ()) if str(note).startswith(WHERE)]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\n".join(parts)


class BoneAgeError(Exception):
    """Something the user must hear about.

    ``str(error)`` is whole sentences that say what happened and, where there is one, what to do.
    Everything else that escapes is a bug.
    """


class RadiographError(BoneAgeError):
    """A file that cannot be read as one hand radiograph."""


class RefusedError(RadiographError):
    """A picture that the gate keeps from the model; who knows better may have it read anyway.

    ``str(error)`` is all the gate's reasons, ``reasons`` each sentence alone.
    """

    def __init__(self, reasons: tuple[str, ...]) -> None:
        """Take the sentences; there is at least one."""
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class CheckpointError(BoneAgeError):
    """A model file that is damaged, tampered with, or not ours."""


class DataError(BoneAgeError):
    """A folder or table of labelled radiographs that cannot be used."""


class ConfigError(BoneAgeError):
    """A choice of a training run that is out of range; the sentence names the field."""


class RunError(BoneAgeError):
    """A training run that had to stop."""
