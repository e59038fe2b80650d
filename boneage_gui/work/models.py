"""Models of the user's own: kept from runs, listed, removed; one folder of model files."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from boneage_gui.work.comparing import held_out_ids
from boneage_gui.work.importing import import_torch
from boneage_gui.work.painter import painter
from trainer.errors import BoneAgeError, CheckpointError

if TYPE_CHECKING:
    from trainer.card import ModelCard
    from trainer.comparison import Comparison
    from trainer.measured import Measured

SUFFIX: Final = ".safetensors"
LOCK: Final = ".models.lock"
LONGEST_NAME: Final = 60
LONGEST_WAIT_S: Final = 20.0
# Names that Windows keeps for devices, whatever their ending.
DEVICES: Final = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnModel:
    """A model file of the user's own, with its card."""

    path: Path
    card: ModelCard

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem


def keep_model(
    run: Path,
    answers: Comparison | Measured | None,
    folder: Path,
    *,
    name: str = "",
    taken: Collection[str] = (),
) -> Path:
    """Write a run's best model as float16 with its card into a folder of models; return the file.

    It is named after the run, or as told, with a number behind it where there is such a model already or the name is
    ``taken``; the same model is not written twice. ``answers`` on the run's held-out cases become the card's accuracy.
    Raises BoneAgeError, and leaves nothing behind then.
    """
    import_torch()
    from trainer.checkpoint import load_checkpoint
    from trainer.model_file import round_weights, write_model

    best = run / f"best{SUFFIX}"
    if not best.is_file():
        raise CheckpointError(f"The run in {run} has no model any more: its folder was moved or deleted.")
    networks, card = load_checkpoint(best)
    score = _held_out_score(run, answers, card)
    round_weights(networks)
    with _held(folder):
        known = _made_from(folder, card.weights_sha256)
        if known is not None:
            return known
        path = _free(folder, name or run.name, taken)
        try:
            write_model(path, networks, _card(card, path.stem, score))
        except BaseException:
            for written in (path, path.with_suffix(".md")):
                with suppress(OSError):
                    written.unlink(missing_ok=True)
            raise
    return path


def own_models(folder: Path) -> list[OwnModel]:
    """Return the models of a folder by name; what is damaged or no model is left out."""
    from trainer.card import read_card

    found: list[OwnModel] = []
    try:
        paths = sorted(path for path in folder.glob(f"*{SUFFIX}") if path.is_file() and not path.name.startswith("."))
    except OSError:
        return found
    for path in paths:
        with suppress(BoneAgeError):
            found.append(OwnModel(path=path, card=read_card(path)))
    return found


def remove_model(path: Path) -> None:
    """Delete a model file, its card in words and what it knows. Raises CheckpointError."""
    from trainer.card import likeness_beside

    try:
        path.unlink(missing_ok=True)
        path.with_suffix(".md").unlink(missing_ok=True)
        likeness_beside(path).unlink(missing_ok=True)
    except OSError as error:
        raise CheckpointError(f"The model {path} could not be removed: {error.strerror}.") from error


def safe_name(name: str) -> str:
    """Return a name that every file system takes, as near to the given one as can be."""
    letters = "".join(letter if letter.isalnum() or letter in " -_.()" else "-" for letter in name)
    short = letters.strip(" .-")[:LONGEST_NAME].strip(" .-") or "model"
    return f"model-{short}" if short.split(".")[0].lower() in DEVICES else short


def _held_out_score(run: Path, answers: Comparison | Measured | None, card: ModelCard) -> dict[str, Any] | None:
    """Return the score for the card, where it is of this very model and on cases that its run held out."""
    from trainer.comparison import Comparison
    from trainer.measured import new_of

    if answers is None:
        return None
    measured = new_of(answers) if isinstance(answers, Comparison) else answers
    if measured.model.sha256 != card.weights_sha256:
        raise CheckpointError("The run has a newer best model than the one that was measured. Compare again.")
    held_out = held_out_ids(run / "split.csv")
    # In the painter's process: the import of scipy would hold this one's lock for a second.
    return painter.ask(_score, measured) if set(measured.case_ids) <= held_out else None


def _score(measured: Measured) -> dict[str, Any]:
    return measured.score


def _card(card: ModelCard, name: str, score: dict[str, Any] | None) -> ModelCard:
    from trainer.card import MADE_FROM

    kept = f"Kept from a training run on {date.today().isoformat()}, as float16; its scores are those before rounding."
    metrics = dict(card.metrics) if score is None else {**card.metrics, "test": score}
    data = {**card.data, MADE_FROM: card.weights_sha256}
    return replace(card, name=name, metrics=metrics, data=data, notes=(*card.notes, kept))


def _made_from(folder: Path, sha256: str) -> Path | None:
    from trainer.card import MADE_FROM

    return next((model.path for model in own_models(folder) if model.card.data.get(MADE_FROM) == sha256), None)


def _free(folder: Path, name: str, taken: Collection[str]) -> Path:
    """Return a path in the folder that is no file yet; names are compared as a Mac or Windows does."""
    wanted = safe_name(name)
    lower = {path.stem.lower() for path in folder.glob(f"*{SUFFIX}")} | {other.lower() for other in taken}
    number = 1
    while (stem := wanted if number == 1 else f"{wanted}-{number}").lower() in lower:
        number += 1
    return folder / f"{stem}{SUFFIX}"


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Keep other windows from choosing the same name meanwhile, making the folder. Raises CheckpointError."""
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK)
        lock.acquire(timeout=LONGEST_WAIT_S)
    except (OSError, Timeout) as error:
        reason = getattr(error, "strerror", None) or "another window writes there"
        raise CheckpointError(f"The folder of your models, {folder}, cannot be written to: {reason}.") from error
    try:
        yield
    finally:
        lock.release()
