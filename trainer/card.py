"""ModelCard: what a model is, what it was trained on and how far it may be trusted.

The card travels as JSON in the header of the model's safetensors file and is read from there without torch.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from trainer.errors import CheckpointError, ConfigError
from trainer.plain_values import need, number
from trainer.prediction import years_and_months
from trainer.preprocess import Preprocessing

FORMAT: Final = "boneage-model-1"
METADATA_KEY: Final = "boneage_card"
HASH_KEY: Final = "boneage_card_sha256"
MADE_FROM: Final = "best_sha256"  # in the data of a kept model's card: the hash of the run's best that it was made of
MAX_HEADER_BYTES: Final = 8 * 1024 * 1024
AHEAD_MONTHS, BEHIND_MONTHS = 24.0, 36.0  # how far a sick child's bone age may lie from the age, generously
FARTHEST_MONTHS: Final = 600.0  # from a prediction to an end of its interval
RESEARCH: Final = "; for research use"
INTENDED_USE: Final = (
    "Research and teaching: estimating bone age from one frontal radiograph of a child's hand, for readers who judge "
    "the picture themselves. Not a medical device; not for diagnosis or treatment."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """Everything about a model but its weights."""

    name: str
    architecture: str  # what networks.build() is told
    backbone: str = "resnet18"  # and on which of torchvision's networks; older cards do not say
    uses_sex: bool
    preprocessing: Preprocessing
    label_mean_months: float  # a network answers (age - mean) / std
    label_std_months: float
    members: int = 1  # networks whose answers are averaged
    shifts_per_side: int = 1  # grid shifts averaged over, squared
    averages_flip: bool = False
    age_low_months: float = 0.0  # range of the training labels
    age_high_months: float = 228.0
    residual_quantiles: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # "all", "sex not given"
    coverage: float = 0.9
    metrics: Mapping[str, Any] = field(default_factory=dict)  # "validation", "test", "originals", "phantoms"
    data: Mapping[str, Any] = field(default_factory=dict)  # name, counts, split fingerprint, terms
    config: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    weights_sha256: str = ""
    self_test_months: float | None = None
    intended_use: str = INTENDED_USE

    def accuracy_line(self) -> str:
        """The held-out accuracy in one line, or that there is none."""
        test = self.metrics.get("test")
        if not test:
            return "Accuracy not measured"
        return (
            f"MAE {test['mae_months']:.1f} months (95 % CI {test['mae_low']:.1f} to {test['mae_high']:.1f}) "
            f"on {test['n']:,} held-out radiographs"
        )

    def training_line(self) -> str:
        """What it was trained on and what it is for, in one line."""
        data = str(self.data.get("description", "data of its own")).removesuffix(RESEARCH)
        return f"Trained on {data}{RESEARCH}"

    def refusal_of_age(self, chronological_months: float | None) -> str | None:
        """Return why a child of that age may not be read, or None; no bone age lies so far from the age."""
        low, high = self.age_low_months - AHEAD_MONTHS, self.age_high_months + BEHIND_MONTHS
        if chronological_months is None or low <= chronological_months <= high:
            return None
        return (
            f"By birth and study date the patient was {years_and_months(chronological_months)} old; the model was "
            f"trained on bone ages from {years_and_months(self.age_low_months)} to "
            f"{years_and_months(self.age_high_months)}."
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"format": FORMAT, **asdict(self)}

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> ModelCard:
        """Rebuild a card. Raises CheckpointError when a part is missing or of the wrong kind."""
        rest = dict(values)
        if rest.pop("format", None) != FORMAT:
            raise CheckpointError("The model's card is of a format this program does not know.")
        known = {entry.name for entry in fields(ModelCard)}
        try:
            preprocessing = Preprocessing(**rest.pop("preprocessing"))
            need(isinstance(rest.get("notes", ()), (list, tuple)))
            rest["notes"] = tuple(str(note) for note in rest.get("notes", ()))
            card = ModelCard(
                preprocessing=preprocessing, **{name: value for name, value in rest.items() if name in known}
            )
            _check(card)
        except ConfigError as error:
            raise CheckpointError(f"The model's card asks for what this program does not know. {error}") from error
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise CheckpointError(
                "The model's card is damaged: a part of it is missing or of the wrong kind."
            ) from error
        return card


def read_card(path: Path) -> ModelCard:
    """Read the card from a model file's header, without torch and without touching the weights.

    Raises CheckpointError, one sentence, for a file that is missing, foreign or damaged.
    """
    return ModelCard.from_json(card_values(read_header(path), path))


def read_header(path: Path) -> dict[str, Any]:
    """Return the JSON header of a safetensors file. Raises CheckpointError."""
    try:
        with path.open("rb") as file:
            size_bytes = struct.unpack("<Q", file.read(8))[0]
            if size_bytes > MAX_HEADER_BYTES:
                raise CheckpointError(f"{path.name} is not a model of this program.")
            header = json.loads(file.read(size_bytes))
    except OSError as error:
        raise CheckpointError(f"The model file {path.name} cannot be opened.") from error
    except (struct.error, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path.name} is not a model of this program, or is damaged.") from error
    if not isinstance(header, dict):
        raise CheckpointError(f"{path.name} is not a model of this program.")
    return header


def card_values(header: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return the card's plain values from a header. Raises CheckpointError for a file without one."""
    metadata = header.get("__metadata__")
    if not isinstance(metadata, dict):
        metadata = {}
    text = metadata.get(METADATA_KEY)
    if not isinstance(text, str):
        raise CheckpointError(f"{path.name} holds weights but no model card; it was not made by this program.")
    if metadata.get(HASH_KEY, text_sha256(text)) != text_sha256(text):
        raise CheckpointError(f"The card in {path.name} is not the one it was written with; the file was changed.")
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"The card in {path.name} is damaged.") from error
    if not isinstance(values, dict):
        raise CheckpointError(f"The card in {path.name} is damaged.")
    return values


def text_sha256(text: str) -> str:
    """Hash a card's text; stands beside it in the header, since the hash of the weights says nothing of the card."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _check(card: ModelCard) -> None:
    """Raise ValueError or TypeError for what could later fail in the hands of a reader of the card."""
    for text in (card.name, card.architecture, card.backbone, card.weights_sha256, card.intended_use):
        need(isinstance(text, str))
    need(card.name.isprintable())
    need(isinstance(card.uses_sex, bool) and isinstance(card.averages_flip, bool))
    need(isinstance(card.members, int) and 1 <= card.members <= 64)
    need(isinstance(card.shifts_per_side, int) and 1 <= card.shifts_per_side <= 16)
    for value in (card.label_mean_months, card.label_std_months, card.age_low_months, card.age_high_months):
        number(value)
    need(card.label_std_months > 0 and 0 < number(card.coverage) < 1)
    if card.self_test_months is not None:
        number(card.self_test_months)
    for mapping in (card.residual_quantiles, card.metrics, card.data, card.config, card.versions):
        need(isinstance(mapping, dict))
    need(not card.residual_quantiles or "all" in card.residual_quantiles)
    seed = card.data.get("split_seed")
    need(seed is None or (isinstance(seed, int) and seed >= 0))
    for quantiles in card.residual_quantiles.values():
        check_interval(quantiles)
    for score in card.metrics.values():
        _check_score(score)
        for rows in (score["by_sex"], score["by_age"]):
            for row in rows.values():
                _check_score(row)


def check_interval(row: Mapping[str, Any]) -> None:
    """Raise KeyError, ValueError or TypeError for an interval that cannot be used: its ends, and what tests found."""
    need(-FARTHEST_MONTHS <= number(row["q05"]) <= number(row["q95"]) <= FARTHEST_MONTHS)
    need(number(row.get("n", 1)) > 0)
    if "test_n" in row or "test_covered" in row:
        need(0 <= number(row["test_covered"]) <= number(row["test_n"]) and number(row["test_n"]) > 0)


def _check_score(score: Mapping[str, Any]) -> None:
    for name in ("n", "mae_months", "mae_low", "mae_high", "rmse_months", "bias_months", "within_12"):
        number(score[name])
    for name in ("within_6", "within_24", "interval_covered", "unreadable", "spearman"):
        if score.get(name) is not None:
            number(score[name])


def likeness_beside(model: Path) -> Path:
    """Return where what a model knows of its training lies (``trainer.gate.likeness``), unless it ships."""
    return model.with_name(f"likeness-{model.stem}.safetensors")
