"""``boneage upright-train DATA``: train and measure what finds the orientation of a hand, and write its file."""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from trainer.cases import Case, read_cases
from trainer.errors import CheckpointError
from trainer.radiograph import Radiograph, read
from trainer.split import PARTS, Split, split_cases
from trainer.whole_file import write_whole

if TYPE_CHECKING:
    from trainer.orientation.card import UprightCard
    from trainer.orientation.network import TurnNetwork
    from trainer.orientation.upright import Upright

PHANTOMS: Final = 200
PHANTOM_HEIGHT_PX: Final = 500


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "upright-train",
        help="train what finds the orientation of a hand",
        description="Train the small network that finds how far a hand is turned, on one thread in some ten minutes; "
        "measure it on held-out radiographs and phantoms, and write it with its card.",
    )
    parser.add_argument("data", metavar="DATA", type=Path, help="labelled radiographs, most of them upright")
    parser.add_argument("--out", type=Path, required=True, help="the file to write (.safetensors)")
    parser.add_argument("--originals", type=Path, help="table of full-size radiographs to measure on as well")
    parser.add_argument(
        "--lying",
        nargs="*",
        default=[],
        metavar="ID",
        help="validation and test radiographs whose hand was seen to lie turned in its file: no mistake to turn them",
    )
    parser.add_argument("--weights", type=Path, metavar="FILE", help="measure this file again; nothing is trained")
    parser.add_argument("--epochs", type=int, default=36)
    parser.add_argument("--seed", type=int, default=0, help="of the training; the split is that of seed 0")
    parser.add_argument("--description", default="", help="what the radiographs are, for the card")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Train, measure, write."""
    from trainer.orientation.upright import Upright
    from trainer.orientation.upright_file import load_upright

    split = split_cases(read_cases(options.data).cases, seed=0)
    network, card = load_upright(options.weights) if options.weights else _trained(split, options)
    upright = Upright(network, card)
    _measure(upright, split, options)
    _write(upright, network, options.out)
    return 0


def _trained(split: Split, options: argparse.Namespace) -> tuple[TurnNetwork, UprightCard]:
    """Train on one part of a split; return the network, its weights rounded, and a card without figures."""
    import torch

    from trainer.orientation.card import UprightCard
    from trainer.orientation.making.learning import learn, small_pictures
    from trainer.orientation.network import TurnNetwork

    torch.manual_seed(options.seed)
    network, set_aside = TurnNetwork(), 0
    for event in learn(network, small_pictures(split.training), epochs=options.epochs, seed=options.seed):
        set_aside = event.set_aside
        print(f"epoch {event.epoch} of {event.epochs}: loss {event.loss:.3f}", file=sys.stderr, flush=True)
    data = {
        "trained on": options.description or options.data.resolve().name,
        "training, validation and test radiographs": " / ".join(f"{len(split.part(part)):,}" for part in PARTS),
        "split of the data SHA-256": split.fingerprint,
        "training radiographs set aside, since their hand lies turned": set_aside,
    }
    card = UprightCard(
        least_certainty=1.0,
        data=data,
        training={"epochs": options.epochs, "seed": options.seed},
        versions={"python": platform.python_version(), "torch": torch.__version__},
    )
    return _rounded(network), card


def _rounded(network: TurnNetwork) -> TurnNetwork:
    """Round the weights to float16, as the file holds them, so that what is handed on is what is measured."""
    state = network.state_dict()
    network.load_state_dict(
        {name: value.half().float() if value.is_floating_point() else value for name, value in state.items()}
    )
    return network.eval()


def _measure(upright: Upright, split: Split, options: argparse.Namespace) -> None:
    """Choose the least certainty on validation, then fill in the card's figures."""
    from trainer.orientation.making.measuring import least_certainty, measured

    upright_cases = [case for case in split.validation if case.image_path.stem not in options.lying]
    turns = [upright.find_turn(radiograph) for radiograph in _read(upright_cases)]
    seen = {"validation and test radiographs seen to lie turned in their files": len(options.lying)}
    upright.card = replace(
        upright.card,
        least_certainty=least_certainty(turns),
        self_test_degrees=upright.self_test(),
        data={**upright.card.data, **seen},
    )
    sets: list[tuple[str, Iterator[Radiograph]]] = [
        ("validation", _read(split.validation)),
        ("test", _read(split.test)),
        ("phantoms", _phantoms()),
    ]
    if options.originals:
        sets.append(("originals at full size", _read(read_cases(options.originals).cases)))
    metrics: dict[str, dict[str, float]] = {}
    for where, radiographs in sets:
        print(f"measuring on {where}", file=sys.stderr, flush=True)
        metrics |= measured(upright, radiographs, where=where, lying=options.lying)
    upright.card = replace(upright.card, metrics=metrics)


def _read(cases: Sequence[Case]) -> Iterator[Radiograph]:
    return (read(case.image_path) for case in cases)


def _phantoms() -> Iterator[Radiograph]:
    from trainer.phantom import draw

    for index, age_months in enumerate(np.linspace(6, 226, PHANTOMS)):
        phantom = draw(age_months=float(age_months), male=bool(index % 2), seed=index, height_px=PHANTOM_HEIGHT_PX)
        yield Radiograph(pixels=phantom.levels, source=Path(f"phantom-{index}"))


def _write(upright: Upright, network: TurnNetwork, out: Path) -> None:
    """Write file and page; load the file again before it is trusted. Raises CheckpointError."""
    from trainer.orientation.upright import Upright
    from trainer.orientation.upright_file import save_upright

    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        card = save_upright(out, network, upright.card)
    except OSError as error:
        raise CheckpointError(f"The file could not be written to {out}: {error.strerror}.") from error
    Upright.load(out)
    write_whole(out.with_suffix(".md"), card.as_text() + "\n")
    print(card.as_text())
