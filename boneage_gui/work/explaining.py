"""What an explanation asks for: heat, a number without a region, the cases most alike; no Qt, torch in the trainer."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from boneage_gui.work import thumbnail, thumbnails
from boneage_gui.work.decoder import Decoders
from boneage_gui.work.importing import import_captum, import_torch
from boneage_gui.work.painter import painter
from trainer.errors import RadiographError
from trainer.radiograph import Radiograph, Sex

if TYPE_CHECKING:
    from trainer.explain.case_index import CaseIndex
    from trainer.explain.heat import Heat

FAINT = 0.15  # heat below this share of the strongest is not painted: it would veil the whole film


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """Where the model found reasons; maps are float32[side, side], 0 to 1, and lie on the radiograph by six numbers."""

    older: npt.NDArray[np.float32] = field(repr=False)
    younger: npt.NDArray[np.float32] = field(repr=False)
    placed: tuple[float, float, float, float, float, float]  # m11, m12, m21, m22, dx, dy: canvas to radiograph
    cells: tuple[int, int]
    views: int
    all_views: int
    model_name: str
    elapsed_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlined:
    """A region that was found; outlines are float64[n, 2] as x, y in radiograph pixels."""

    name: str
    outlines: tuple[npt.NDArray[np.float64], ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How the answer moves without a region."""

    name: str
    months: float
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """Why no region is taken away."""

    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the cases are."""

    what: str
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlikeCase:
    """A labelled case most alike; pixels are uint8[height, width], None where its file cannot be read any more."""

    pixels: npt.NDArray[np.uint8] | None = field(repr=False)
    age_months: float
    sex: Sex | None
    likeness: float


def explain(predictor: Any, radiograph: Radiograph, sex: Sex | None) -> Iterator[HeatMap | Outlined | Shift | Unclear]:
    """Yield the heat, then each region's outline, then each region's shift, or why there are no regions.

    Raises RadiographError where the model refuses the radiograph.
    """
    import_captum()
    from trainer.explain.heat import heat_of
    from trainer.explain.occlusion import in_words, shifts_without
    from trainer.explain.regions import find_regions

    yield _heat_map(heat_of(predictor, radiograph, sex), predictor.card.name)
    try:
        regions = find_regions(radiograph)
    except RadiographError as error:
        yield Unclear(sentence=str(error))
        return
    for region in regions:
        yield Outlined(name=region.part.value, outlines=region.outlines)
    for shift in shifts_without(predictor, radiograph, sex, regions):
        yield Shift(name=shift.region.part.value, months=shift.months, sentence=in_words(shift))


def open_cases(predictor: Any, data: Path | None, folder: Path) -> Generator[Progress, None, CaseIndex]:
    """Index a data folder, or the program's own phantoms where there is none; yield progress. Raises DataError.

    ``folder`` is the user's cache. Phantoms are drawn in the painter's process, one at a time, so that figures get
    their turn: a thread that drew for half a minute held the window for half a second. Radiographs are read in
    processes that decode: one that ends a decoder is left out.
    """
    import_torch()
    from trainer.explain.indexing import index_data, index_phantoms
    from trainer.explain.phantom_cases import COUNT, draw_case
    from trainer.explain.shelf import Shelf

    shelf, decoders = Shelf(folder / "explanations"), Decoders()
    making = (
        index_phantoms(predictor, shelf, count=COUNT, draw_with=partial(painter.ask, draw_case))
        if data is None
        else index_data(predictor, data, shelf, folder / "canvases", reader=decoders.read)
    )
    with closing(decoders), closing(making):
        while True:
            try:
                step = next(making)
            except StopIteration as end:
                index: CaseIndex = end.value
                return index
            yield Progress(what=step.what, done=step.done, total=step.total)


def alike_cases(predictor: Any, index: CaseIndex, radiograph: Radiograph) -> list[AlikeCase]:
    """Return the five cases most alike with small pictures of them. Raises RadiographError."""
    cases = [(neighbour.case, neighbour.likeness) for neighbour in index.nearest(predictor, radiograph)]
    read = dict(thumbnails([case.picture for case, _ in cases if isinstance(case.picture, Path)]))
    return [
        AlikeCase(
            pixels=read[case.picture] if isinstance(case.picture, Path) else _drawn(case.picture),
            age_months=case.age_months,
            sex=case.sex,
            likeness=likeness,
        )
        for case, likeness in cases
    ]


def coloured(heat: HeatMap, *, older: tuple[int, int, int], younger: tuple[int, int, int]) -> npt.NDArray[np.uint8]:
    """Return the heat as RGBA, uint8[side, side, 4]: the stronger the less transparent, and the paler at its height."""
    strength = np.maximum(heat.older, heat.younger)
    base = np.where((heat.older >= heat.younger)[..., None], older, younger).astype(np.float32)
    paler = np.clip((strength - 0.55) / 0.45, 0, 1)[..., None] * 0.55
    picture = np.empty((*strength.shape, 4), dtype=np.uint8)
    picture[..., :3] = np.rint(base + (255 - base) * paler)
    picture[..., 3] = np.rint(255 * np.clip((strength - FAINT) / (0.8 - FAINT), 0, 1) ** 1.2)
    return picture


def _heat_map(heat: Heat, model_name: str) -> HeatMap:
    (a, c), (b, d) = heat.place.matrix.tolist()
    x, y = heat.place.corner.tolist()
    return HeatMap(
        older=heat.older,
        younger=heat.younger,
        placed=(a, b, c, d, x, y),
        cells=heat.cells,
        views=heat.views,
        all_views=heat.all_views,
        model_name=model_name,
        elapsed_s=heat.elapsed_s,
    )


def _drawn(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    whole = pixels.astype(np.float32) / np.float32(255)
    return thumbnail(Radiograph(pixels=whole, source=Path("phantom")))
