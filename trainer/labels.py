"""Labels: what the cells of a table say of age and sex."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from trainer.columns import AgeUnit, plain
from trainer.errors import DataError, printable
from trainer.radiograph import Sex

MONTHS_A_YEAR: Final = 12
HIGHEST_AGE_MONTHS: Final = 228.0  # 19 years

# As ``sex_text`` writes them: English, German, French, Spanish, Italian, Portuguese, Dutch, the North, Polish.
_MALE: Final = (
    "m male males masc man men boy boys mannlich maennlich mann junge jungen knabe knaben masculin homme garcon "
    "garcons h masculino hombre varon nino ninos maschio maschile uomo ragazzo bambino homem menino rapaz mannelijk "
    "jongen mand manlig mandlig mannlig dreng gutt pojke mezczyzna meska chlopiec"
)
_FEMALE: Final = (
    "f female females fem woman women girl girls w weiblich frau madchen maedchen feminin feminine femme fille filles "
    "femenino femenina mujer nina ninas femmina femminile donna ragazza bambina feminino mulher menina rapariga vrouw "
    "vrouwelijk meisje kvinde kvinna kvinne kvinnlig kvindelig kvinnelig pige jente flicka kobieta zenska dziewczynka"
)
_NOT_GIVEN: Final = ("", "?", "-", "–", "u", "unk", "unknown", "o", "other", "nan", "na", "n/a", "none", "null")
_WORDS: Final[Mapping[str, Sex | None]] = {
    **dict.fromkeys(_MALE.split(), Sex.MALE),
    **dict.fromkeys(_FEMALE.split(), Sex.FEMALE),
    **dict.fromkeys(_NOT_GIVEN, None),
}
_BESIDE_M: Final = frozenset("hv")  # beside M: hombre and mujer, man and vrouw, varón and mujer
_YES: Final = frozenset(("true", "1", "1.0", "yes", "y", "t"))
_NO: Final = frozenset(("false", "0", "0.0", "no", "n"))
_TWO: Final = frozenset(("2", "2.0"))
_ISO_5218: Final[Mapping[str, Sex | None]] = {
    **dict.fromkeys(("1", "1.0"), Sex.MALE),
    **dict.fromkeys(_TWO, Sex.FEMALE),
    **dict.fromkeys(("0", "0.0", "9", "9.0"), None),
}
MOST_NAMED: Final = 5  # texts that are not understood, in a sentence
MOST_LETTERS: Final = 20  # of each


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


def sex_text(text: str) -> str:
    """Return a text as texts are compared: small letters without accents and the point of an abbreviation."""
    letters = unicodedata.normalize("NFKD", text.replace("ł", "l").lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).rstrip(".")


def sexes_by_text(column: str, texts: Collection[str], table: str) -> Mapping[str, Sex | None]:
    """Return what each text in a column means, by ``sex_text``; what is not in it is not understood.

    Words mean the same in every column, but for M where H or V says that it may be a woman: DataError. Whether 1 and
    true mean male or female, the column's name must say: ``male``, ``is_male``, ``female`` ... In any other column, 1
    and 2 are those of ISO/IEC 5218 (1 male, 2 female) where there is a 2; 0 and 1 without a 2 could mean either, and
    guessing would turn every sex over: DataError.
    """
    found = {sex_text(text) for text in texts}
    if "m" in found and (beside := sorted(found & _BESIDE_M)):
        raise DataError(
            f"Column {printable(column)} of {table} holds {beside[0].upper()} and M, which may be a man or a woman. "
            "Write male and female in it, or M and F."
        )
    name = plain(column)
    names_female, names_male = "female" in name, "male" in name.replace("female", "")
    if names_female != names_male:  # "male/female" says nothing
        if found & _TWO and not found & _NO:  # 1 and 2 are not no and yes
            return _WORDS
        yes, no = (Sex.FEMALE, Sex.MALE) if names_female else (Sex.MALE, Sex.FEMALE)
        return {**_WORDS, **dict.fromkeys(_YES, yes), **dict.fromkeys(_NO, no)}
    if found & _TWO:
        return {**_WORDS, **_ISO_5218}
    if unclear := sorted(found & (_YES | _NO)):
        raise DataError(
            f"Column {printable(column)} of {table} holds {' and '.join(unclear[:2])} without saying which sex that "
            "is. Name the column male (1 or true: male) or female (1 or true: female), or write M and F in it."
        )
    return _WORDS


def not_understood(texts: Iterable[str]) -> str | None:
    """Return a sentence on texts of a sex column that are not understood, with their counts; None where none is."""
    counts = Counter(texts).most_common()
    if not counts:
        return None
    named = ", ".join(f"“{printable(text, MOST_LETTERS)}” {count:,}" for text, count in counts[:MOST_NAMED])
    more = f" and {len(counts) - MOST_NAMED:,} more" if len(counts) > MOST_NAMED else ""
    return (
        f"Sexes that are not understood and count as not given: {named}{more}. Write male and female, or M and F, in "
        "that column."
    )
