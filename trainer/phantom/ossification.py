"""When each centre of the hand appears and fuses, and how far one hand has come.

Medians in months, boys and girls, after Garn, Rohmann and Silverman 1967 and the Greulich-Pyle atlas, rounded;
fit for phantoms, not for reading patients.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

FUSING_MONTHS = 16.0  # a growth plate takes about this long from its first bridge to its last
SCAR_MONTHS = 30.0  # how long the sclerotic line stays seen after that
CARPAL_GROWN = (164.0, 142.0)  # carpals have their adult shape at about this age
SPREAD = 0.07  # relative scatter of one centre about its median, within one bone age


@dataclass(frozen=True, slots=True)
class Timing:
    """Median ages of one ossification centre, each as (boys, girls); ``fuses`` is None where nothing fuses."""

    appears: tuple[float, float]
    fuses: tuple[float, float] | None = None


def _epiphyses() -> dict[str, Timing]:
    plain, thumb_fuses = (198.0, 177.0), (192.0, 168.0)
    table = {
        "radius": Timing((13, 10), (216, 204)),
        "ulna": Timing((85, 65), (207, 192)),
        "metacarpal 1": Timing((31, 19), thumb_fuses),
    }
    metacarpals = {2: (19, 13), 3: (21, 14), 4: (23, 15), 5: (26, 16)}
    proximal = {1: (33, 20), 2: (16, 10), 3: (16, 10), 4: (16, 10), 5: (22, 14)}
    middle = {2: (26, 16), 3: (24, 15), 4: (24, 15), 5: (39, 22)}
    distal = {1: (19, 12), 2: (38, 24), 3: (29, 18), 4: (29, 18), 5: (38, 24)}
    table |= {f"metacarpal {ray}": Timing(ages, plain) for ray, ages in metacarpals.items()}
    table |= {f"proximal phalanx {ray}": Timing(ages, plain) for ray, ages in proximal.items()}
    table |= {f"middle phalanx {ray}": Timing(ages, (195, 174)) for ray, ages in middle.items()}
    table |= {f"distal phalanx {ray}": Timing(ages, (186, 162)) for ray, ages in distal.items()}
    return table


EPIPHYSES = MappingProxyType(_epiphyses())
CARPALS = MappingProxyType(
    {
        "capitate": Timing((3, 2)),
        "hamate": Timing((4, 2)),
        "triquetrum": Timing((29, 21)),
        "lunate": Timing((49, 31)),
        "scaphoid": Timing((68, 49)),
        "trapezium": Timing((71, 49)),
        "trapezoid": Timing((75, 50)),
        "pisiform": Timing((120, 96)),
        "sesamoid": Timing((153, 129)),
    }
)
CENTRES = MappingProxyType({**EPIPHYSES, **CARPALS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """How far one centre has come."""

    grown: float  # 0: not ossified, 1: its full size for this hand
    shaped: float  # 0: round dot, 1: its own adult shape
    fused: float  # 0: open plate, 1: closed
    scar: float  # strength of the sclerotic line where the plate was

    @property
    def visible(self) -> bool:
        """Whether there is any bone to see."""
        return self.grown > 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Maturity:
    """The state of every centre of one hand."""

    centres: MappingProxyType[str, Growth]

    @property
    def visible(self) -> frozenset[str]:
        """Names of the centres that have appeared."""
        return frozenset(name for name, growth in self.centres.items() if growth.visible)

    @property
    def fused(self) -> frozenset[str]:
        """Names of the epiphyses whose plate has closed."""
        return frozenset(name for name, growth in self.centres.items() if growth.fused >= 1.0)


def mature(*, age_months: float, male: bool, rng: np.random.Generator) -> Maturity:
    """Draw the state of a hand of this bone age; each centre scatters by SPREAD about its median, none by more
    than twice that, so that the hand as a whole stays of its age."""
    sex = 0 if male else 1
    centres = {}
    for name, timing in CENTRES.items():
        appear_shift, fuse_shift = np.clip(rng.standard_normal(2), -2.0, 2.0)
        appears = timing.appears[sex] * (1.0 + SPREAD * appear_shift)
        if timing.fuses is None:
            centres[name] = _round_bone(age_months, appears, CARPAL_GROWN[sex], name)
        else:
            fuses = timing.fuses[sex] + 4.0 * fuse_shift
            centres[name] = _epiphysis(age_months, appears, fuses)
    return Maturity(centres=MappingProxyType(centres))


def _approach(share: float, scale: float) -> float:
    """Fast at first, then slowly to 1: how a centre fills its cartilage."""
    return float((1.0 - np.exp(-share / scale)) / (1.0 - np.exp(-1.0 / scale)))


def _smooth(x: float) -> float:
    x = min(max(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


def _round_bone(age: float, appears: float, grown_at: float, name: str) -> Growth:
    if age < appears:
        return Growth(grown=0.0, shaped=0.0, fused=0.0, scar=0.0)
    late = name in {"pisiform", "sesamoid"}
    span = 40.0 if late else grown_at - appears
    share = min((age - appears) / span, 1.0)
    early = name in {"capitate", "hamate"} or late
    return Growth(
        grown=0.16 + 0.84 * _approach(share, 0.17 if early else 0.34),
        shaped=_smooth(1.25 * share - 0.1),
        fused=0.0,
        scar=0.0,
    )


def _epiphysis(age: float, appears: float, fuses: float) -> Growth:
    if age < appears:
        return Growth(grown=0.0, shaped=0.0, fused=0.0, scar=0.0)
    share = min((age - appears) / (fuses - appears), 1.0)
    fused = min(max((age - fuses + FUSING_MONTHS) / FUSING_MONTHS, 0.0), 1.0)
    scar = fused * min(max(1.0 - (age - fuses) / SCAR_MONTHS, 0.0), 1.0)
    return Growth(grown=0.2 + 0.8 * _approach(share, 0.2), shaped=_smooth(share), fused=fused, scar=scar)
