"""Choices: what of a patient may stay."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Options of the profile; without them nothing of the patient stays."""

    keep_characteristics: bool = False  # sex and age, without which no bone age can be judged
    shift_dates: bool = False  # the order and distance of one patient's studies
