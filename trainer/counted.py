"""How many there are, in words: one is not "1 cases"."""

from __future__ import annotations

from typing import Final

# In the place of an interval: one case does not tell how far another would lie, and its own would have no width.
OF_ONE: Final = "(of one)"


def counted(number: int, one: str, many: str = "") -> str:
    """Return "1 case", "2 cases", "1,131 cases"; ``many`` is the plural where it is not ``one`` with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
