"""``boneage likeness MODEL``: what a model knows, so that it can say what is unlike it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from trainer.canvases import cache_canvases
from trainer.card import likeness_beside
from trainer.cases import Case
from trainer.commands.chosen_cases import (
    chosen_model,
    evenly,
    own_parts,
    positive,
    print_event,
    print_progress,
    run_folder,
    source_given,
)
from trainer.commands.data_options import add_data_options, own_source
from trainer.commands.gate_train import files_in
from trainer.errors import CheckpointError, DataError, RadiographError
from trainer.events import Preparing
from trainer.preprocess import Canvas, to_canvas
from trainer.radiograph import Radiograph, read

if TYPE_CHECKING:
    from trainer.card import ModelCard
    from trainer.gate.likeness import Likeness
    from trainer.gate.traits import Features
    from trainer.networks import AgeNetwork

AT_ONCE: Final = 50  # canvases
LEAST_DRAWN: Final = 20
APART: Final = 4  # one of so many drawn hands is kept apart, for the limit
Tell = Callable[[Preparing], None]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "likeness",
        help="measure what a model knows, so that it warns of pictures unlike its training",
        description="Fit what a model makes of its own training radiographs and of hands that the program draws; the "
        "limits are those below which 99.75 %% of its validation radiographs lie. DATA must be what the model was "
        "trained on; a run folder knows it.",
    )
    parser.add_argument("model", metavar="MODEL", help="a run folder, a model file, or a shipped model's name")
    parser.add_argument("--data", type=Path, help="the labelled radiographs it was trained on (default: the run's own)")
    parser.add_argument(
        "--out", type=Path, help="the file to write (default: likeness-NAME.safetensors beside the model)"
    )
    add_data_options(parser, split="a fixed split that it was trained by (CSV: id, part)")
    parser.add_argument(
        "--most",
        type=positive,
        default=100_000,
        metavar="N",
        help="look at so many radiographs of each part, evenly chosen (default: at all)",
    )
    parser.add_argument(
        "--drawn", type=_enough, default=400, metavar="N", help=f"hands to draw, {LEAST_DRAWN} or more (default: 400)"
    )
    parser.add_argument(
        "--measure", type=Path, action="append", default=[], metavar="DIR", help="a folder of pictures to measure on"
    )
    parser.add_argument("--events", action="store_true", help="print progress as JSON, one object a line")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Fit, choose the limits, measure, write, print."""
    from trainer.checkpoint import load_checkpoint

    tell = print_event if options.events else print_progress
    path = chosen_model(options.model)
    networks, card = load_checkpoint(path)
    given = source_given(options)
    folder = run_folder(path)
    if given is None and folder is None:
        raise DataError("Name the radiographs that it was trained on (--data): the model lies in no run folder.")
    parts = own_parts(path, card, given or own_source(folder or path.parent))
    looking = _Looking(networks[0], card, tell)
    likeness = _fitted(looking, {name: evenly(cases, options.most) for name, cases in parts.items()}, options)
    out = options.out or likeness_beside(path)
    try:
        likeness.save(out, likeness.card)
    except OSError as error:
        raise CheckpointError(f"The reference could not be written to {out}: {error.strerror}.") from error
    if not options.events:
        _print(likeness)
    return 0


class _Looking:
    """One network's traits of whatever it is shown."""

    def __init__(self, network: AgeNetwork, card: ModelCard, tell: Tell) -> None:
        self.card, self._network, self._tell = card, network, tell

    def at_cases(self, cases: Sequence[Case], what: str) -> Features:
        """Look at labelled radiographs, whose canvases may be there already."""
        look = self.card.preprocessing
        canvases = cache_canvases(cases, look, progress=self._progress(f"reading {what}")).canvases
        return self._at(canvases, len(canvases), what)

    def at_radiographs(self, radiographs: Iterable[Radiograph], count: int, what: str) -> Features:
        """Look at radiographs that lie in no table."""
        return self._at((to_canvas(one, self.card.preprocessing) for one in radiographs), count, what)

    def _at(self, canvases: Iterable[Canvas], count: int, what: str) -> Features:
        from trainer.gate.traits import traits_of

        rows, waiting, tell = [], list[Canvas](), self._progress(f"looking at {what}")
        for number, canvas in enumerate(canvases, start=1):
            waiting.append(canvas)
            if len(waiting) == AT_ONCE:
                rows.append(traits_of(self._network, waiting, self.card.preprocessing))
                waiting.clear()
                tell(number, count)
        if waiting:
            rows.append(traits_of(self._network, waiting, self.card.preprocessing))
        if not rows:
            raise DataError(f"There are no {what} to look at.")
        return np.concatenate(rows)

    def _progress(self, what: str) -> Callable[[int, int], None]:
        return lambda done, total: self._tell(Preparing(what=what, done=done, total=total))


def _fitted(looking: _Looking, parts: dict[Any, list[Case]], options: argparse.Namespace) -> Likeness:
    """Return the reference with its limits and what was measured with them."""
    from trainer.gate.card import rate
    from trainer.gate.drawn import drawn_hands
    from trainer.gate.likeness import Likeness, refuse_few

    refuse_few(len(parts["validation"]))  # before the work
    hands = looking.at_radiographs(drawn_hands(options.drawn), options.drawn, "drawn hands")
    apart = np.arange(len(hands)) % APART == 0
    known = looking.at_cases(parts["training"], "training radiographs")
    validation = looking.at_cases(parts["validation"], "validation radiographs")
    card = looking.card
    likeness = Likeness.fit(known, hands[~apart], model_name=card.name, model_sha256=card.weights_sha256)
    likeness = likeness.limited_by(validation, hands[apart])
    measured = {}
    if parts["test"]:  # a fixed split may hold none out
        measured["held-out radiographs"] = looking.at_cases(parts["test"], "held-out radiographs")
    for folder in options.measure:
        files = files_in(folder)
        measured[folder.name] = looking.at_radiographs(_readable(files), len(files), f"pictures of {folder.name}")
    figures = {
        name: {
            **rate(int(likeness.unlike(traits).sum()), len(traits)),
            "median": round(float(np.median(likeness.distances(traits))), 3),
            "drawn": float((likeness.leanings(traits) > likeness.card.drawn_limit).sum()),
        }
        for name, traits in measured.items()
    }
    data = {
        "split_sha256": card.data.get("split_sha256"),
        "training": len(known),
        "validation": len(validation),
        "drawn": len(hands),
    }
    return likeness.with_card(replace(likeness.card, metrics=figures, data=data))


def _print(likeness: Likeness) -> None:
    card = likeness.card
    print(f"{card.model_name}: unlike from {card.limit:.3f} away, or {card.drawn_limit:.2f} SD towards drawn hands")
    for name, row in card.metrics.items():
        interval = f"{row['low']:.2%} to {row['high']:.2%}"
        print(
            f"  {name}: {row['right']:.0f} of {row['n']:.0f} unlike ({interval}), {row['drawn']:.0f} of them as drawn; "
            f"median distance {row['median']:.2f}"
        )


def _enough(text: str) -> int:
    count = positive(text)
    if count < LEAST_DRAWN:
        raise argparse.ArgumentTypeError(f"must be {LEAST_DRAWN} or more")
    return count


def _readable(paths: Sequence[Path]) -> Iterator[Radiograph]:
    """Yield the radiographs of what can be read."""
    for path in paths:
        with suppress(RadiographError):
            yield read(path)
