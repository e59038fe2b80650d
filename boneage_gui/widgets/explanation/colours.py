"""The explanation's two colours, apart for every eye and on every film, in both themes."""

from __future__ import annotations

from typing import Final

OLDER: Final = (255, 138, 40)  # orange: raises the age
YOUNGER: Final = (64, 140, 255)  # blue: lowers it
REGIONS: Final = {"wrist": "#ffd166", "metacarpals": "#7ee0a1", "phalanges": "#c9a7ff"}
