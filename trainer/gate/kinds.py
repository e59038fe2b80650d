"""Kinds: what the gate's network tells apart, and the sentence that each but the first is refused with."""

from __future__ import annotations

from typing import Final

from trainer.prediction import TURN_IT

WHOLE: Final = "one whole hand"
TURNED: Final = "a turned hand"
TWO: Final = "two hands"
CUT: Final = "part of a hand"
STRANGER: Final = "no hand"
KINDS: Final = (WHOLE, TURNED, TWO, CUT, STRANGER)  # the order of the network's answers

SENTENCES: Final = {
    TURNED: f"The hand lies on its side or upside down. {TURN_IT}; it is then read anew.",
    TWO: "This looks like two hands. Cut out one of them, the left if there is a choice, and read it alone.",
    CUT: "This looks like a part of a hand. A bone age needs the whole hand, from the fingertips to the wrist.",
    STRANGER: "This does not look like a hand radiograph.",
}
