"""Keys of the explanation beside the radiograph, and what they do in words."""

from __future__ import annotations

from typing import Final

HEAT: Final = "Shift+H"
OUTLINES: Final = "Shift+O"
OWN_CASES: Final = "Shift+C"
FAINTER: Final = "["
STRONGER: Final = "]"

KEYS: Final = (
    (HEAT, "Show or hide the heat"),
    (f"{FAINTER} {STRONGER}", "Heat fainter, stronger"),
    (OUTLINES, "Show or hide the regions"),
    (OWN_CASES, "Compare with your own cases"),
)
