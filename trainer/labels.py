"""Labels: what the cells of a table say of age and sex."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Final

from trainer.columns import AgeUnit, plain
from trainer.errors import DataError, printable
from trainer.radiograph import Sex

MONTHS_A_YEAR: Final = 12
HIGHEST_AGE_MONTHS: Final = 228.0  # 19 years

_WORDS: Final[Mapping[str, Sex]] = {
    **dict.fromkeys(("m", "male", "man", "boy"), Sex.MALE),
    **dict.fromkeys(("f", "female", "woman", "girl", "w"), Sex.FEMALE),
}
_YES: Final = frozenset(("true", "1", "1.0", "yes", "y", "t"))
_NO: Final = frozenset(("false", "0", "0.0", "no", "n"))
_ISO_5218: Final[Mapping[str, Sex]] = {"1": Sex.MALE, "1.0": Sex.MALE, "2": Sex.FEMALE, "2.0": Sex.FEMALE}


def age_in_months(text: str, unit: AgeUnit) -> float | None:
    """Return an age in months; None where the text is no number. A decimal comma is as good as a point."""
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        age = float(text)
    except ValueError:
        return None
    if "_" in text:  # which Python takes for a number, and nobody else
        return None
    return age * MONTHS_A_YEAR if unit == "years" else age


def reason_to_drop_age(text: str, age_months: float | None) -> str | None:
    """Return why an age cannot be used, or None."""
    if not text or (age_months is not None and math.isnan(age_months)):  # NaN is how pandas writes an empty cell
        return "no age"
    if age_months is None:
        return "age is not a number"
    return None if 0 < age_months <= HIGHEST_AGE_MONTHS else "age outside 0 to 19 years"


def sexes_by_text(column: str, texts: Collection[str], table: str) -> Mapping[str, Sex]:
    """Return what each text in a column means, in small letters; what is not in it means unknown.

    Words mean the same in every column. Whether 1 and true mean male or female, the column's name must say: ``male``,
    ``is_male``, ``female`` ... In any other column, 1 and 2 are those of ISO/IEC 5218 (1 male, 2 female) where there
    is a 2; 0 and 1 without a 2 could mean either, and guessing would turn every sex over: DataError.
    """
    found = {text.lower() for text in texts}
    name = plain(column)
    names_female, names_male = "female" in name, "male" in name.replace("female", "")
    if names_female != names_male:  # "male/female" says nothing
        yes, no = (Sex.FEMALE, Sex.MALE) if names_female else (Sex.MALE, Sex.FEMALE)
        return {**_WORDS, **dict.fromkeys(_YES, yes), **dict.fromkeys(_NO, no)}
    if found & {"2", "2.0"}:
        return {**_WORDS, **_ISO_5218}
    if unclear := sorted(found & (_YES | _NO)):
        raise DataError(
            f"Column {printable(column)} of {table} holds {' and '.join(unclear[:2])} without saying which sex that "
            "is. Name the column male (1 or true: male) or female (1 or true: female), or write M and F in it."
        )
    return _WORDS
