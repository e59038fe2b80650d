"""TrainingConfig: every choice of one training run, with the paper's values as defaults."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import Field, asdict, dataclass, field, fields, replace
from reprlib import repr as shortened
from typing import Any, Final, Literal

from trainer.augment import RECIPES, Recipe
from trainer.errors import ConfigError
from trainer.preprocess import Preprocessing

LOWEST_SIDE_PX: Final = 32
HIGHEST_SEED: Final = 2**31 - 1
ModelName = Literal["baseline", "improved", "improved-sex"]
BACKBONES: Final = ("resnet18", "resnet34", "resnet50", "convnext_tiny", "efficientnet_v2_s", "mobilenet_v3_large")


def _choice(default: Any, meaning: str, *, choices: tuple[Any, ...] = (), low: float | None = None,
            high: float | None = None, unit: str = "") -> Any:  # fmt: skip
    return field(
        default=default,
        metadata={"meaning": meaning, "choices": choices, "low": low, "high": high, "unit": unit},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """Every choice of a run. Each field's metadata holds its meaning, unit and range; the command line shows them."""

    model: ModelName = _choice("improved", "which network and recipe", choices=("baseline", "improved", "improved-sex"))
    backbone: str = _choice("resnet18", "torchvision's network under the head; resnet18 (paper)", choices=BACKBONES)
    recipe: Recipe = field(
        default=RECIPES["improved"],
        metadata={
            "meaning": "augmentations: baseline, improved, steady, gentle, sturdy, or a recipe of one's own (.json)",
            "choices": (),
            "unit": "",
        },
    )
    epochs: int = _choice(30, "passes over the training cases", low=1, high=1000, unit="epochs")
    patience: int = _choice(
        0, "end early after so many epochs without a better validation MAE; 0 is off", low=0, high=1000, unit="epochs"
    )
    batch_size: int = _choice(8, "cases a step", low=1, high=4096, unit="cases")
    learning_rate: float = _choice(1e-3, "step length of Adam", low=1e-7, high=1.0)
    weight_decay: float = _choice(1e-4, "pull of the weights towards zero", low=0.0, high=1.0)
    optimizer: str = _choice("adam", "adam (paper), or adamw with decoupled decay", choices=("adam", "adamw"))
    loss: str = _choice("mse", "mse (paper), l1 or huber", choices=("mse", "l1", "huber"))
    schedule: str = _choice("constant", "learning rate over the run", choices=("constant", "cosine"))
    warmup_epochs: float = _choice(0.0, "rise of the learning rate at the start", low=0.0, high=50.0, unit="epochs")
    ema_decay: float = _choice(0.0, "moving average of the weights, a step; 0 is off", low=0.0, high=0.99999)
    sex_hidden_share: float = _choice(
        0.1, "share of cases trained without their sex, so that the model can do without", low=0.0, high=1.0
    )
    age_balance: float = _choice(
        0.0, "weight of rare ages in the loss: 0 as they come, 1 every year of age alike", low=0.0, high=1.0
    )
    initial_weights: str = _choice(
        "none", "none, imagenet (torchvision's download), or a .safetensors file: ResNet18's weights, or a model"
    )
    aspect: str = _choice("pad", "how a radiograph becomes a square", choices=("pad", "squash"))
    sampling: str = _choice("area", "how it is scaled; nearest for 100-pixel copies", choices=("area", "nearest"))
    normalisation: str = _choice("fixed", "fixed (paper), or by each pixel's surroundings", choices=("fixed", "local"))
    side_px: int = _choice(224, "side of the canvas", low=32, high=1024, unit="px")
    network_px: int = _choice(224, "side of what the network sees", low=32, high=1024, unit="px")
    progressive_from_px: int = _choice(
        0, "network side of the first epochs, growing to the full side; 0 is off", low=0, high=1024, unit="px"
    )
    precision: str = _choice("auto", "auto is bfloat16 where it pays", choices=("auto", "float32", "bfloat16"))
    device: str = _choice("auto", "auto, cpu, cuda, cuda:1 ...")
    members: int = _choice(
        1, "networks trained one after another, with seeds of their own; answers are averaged", low=1, high=16
    )
    averages_flip: bool = _choice(False, "answers are averaged with those to the mirror image: twice the time to read")
    seed: int = _choice(0, "of weights, split, order and augmentation", low=0, high=HIGHEST_SEED)
    split_seed: int = _choice(0, "of the split alone, so that models share one", low=0, high=HIGHEST_SEED)
    workers: int = _choice(-1, "processes that make batches; 0 is a thread, -1 as suits the device", low=-1, high=64)
    tensorboard: bool = _choice(False, "write the events as TensorBoard files too, into the run folder")
    checkpoint_every_s: float = _choice(120.0, "how much work a kill may cost", low=0.0, high=86400.0, unit="s")

    def __post_init__(self) -> None:
        """Refuse a value out of range with a sentence naming the field."""
        for entry in fields(self):
            _check(entry, getattr(self, entry.name))
        if not isinstance(self.recipe, Recipe):
            raise ConfigError("recipe must be a recipe.")
        if self.progressive_from_px >= self.network_px:
            raise ConfigError(
                f"progressive_from_px must be 0, or smaller than network_px, to which it grows ({self.network_px} px)."
            )
        if self.members > 1 and self.progressive_from_px:
            raise ConfigError("The members of an ensemble see one side: set progressive_from_px to 0, or members to 1.")
        if self.seed + self.members - 1 > HIGHEST_SEED:
            raise ConfigError(f"seed must leave room for that of every member, up to {HIGHEST_SEED}.")
        self.preprocessing  # noqa: B018 - raises on a bad aspect, sampling or side

    @property
    def preprocessing(self) -> Preprocessing:
        """How this run's model looks at radiographs."""
        return Preprocessing(
            aspect=self.aspect,  # type: ignore[arg-type]
            sampling=self.sampling,  # type: ignore[arg-type]
            normalisation=self.normalisation,  # type: ignore[arg-type]
            side_px=self.side_px,
            network_px=self.network_px,
        )

    @property
    def uses_sex(self) -> bool:
        """Whether the network is told the sex."""
        return self.model == "improved-sex"

    def network_px_in(self, epoch: int) -> int:
        """Return the network side of an epoch (from 1): the full side in the last quarter, growing up to it."""
        if not self.progressive_from_px:
            return self.network_px
        share = min(1.0, (epoch - 1) / max(1.0, 0.75 * self.epochs))
        if share >= 1.0 or epoch >= self.epochs:
            return self.network_px  # which need not be a multiple of 16
        grown = self.progressive_from_px + share * (self.network_px - self.progressive_from_px)
        return max(LOWEST_SIDE_PX, int(grown // 16) * 16)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {**asdict(self), "recipe": self.recipe.to_json()}


# What belongs to the machine and not to the run: another value may be given when a run goes on.
OF_THE_MACHINE: Final = frozenset({"device", "workers", "tensorboard", "checkpoint_every_s"})
DEFAULT_RECIPES: Final[Mapping[str, str]] = {
    "baseline": "baseline",
    "improved": "improved",
    "improved-sex": "steady",
}


def config_for(model: str, **choices: Any) -> TrainingConfig:
    """Return the preset of a model (its recipe; the paper's values) with some choices changed.

    ``recipe`` may be a name. Raises ConfigError for an unknown model, field, or value out of range.
    """
    if not isinstance(model, str) or model not in DEFAULT_RECIPES:
        raise ConfigError(f"There is no model named {shortened(model)}; known are {', '.join(DEFAULT_RECIPES)}.")
    refuse_unknown(choices)
    recipe = choices.pop("recipe", DEFAULT_RECIPES[model])
    return replace(TrainingConfig(model=model, recipe=recipe_named(recipe)), **choices)  # type: ignore[arg-type]


def refuse_unknown(choices: Iterable[str]) -> None:
    """Raise ConfigError for a name that is none of a config's fields."""
    unknown = sorted(set(choices) - {entry.name for entry in fields(TrainingConfig)})
    if unknown:
        raise ConfigError(f"A training run has no setting named {shortened(unknown[0])}.")


def recipe_named(recipe: str | Recipe | Mapping[str, Any]) -> Recipe:
    """Return a recipe from its name, its JSON, or itself. Raises ConfigError."""
    if isinstance(recipe, Recipe):
        return recipe
    if isinstance(recipe, Mapping):
        return Recipe.from_json(recipe)
    if isinstance(recipe, str) and recipe in RECIPES:
        return RECIPES[recipe]
    if isinstance(recipe, str) and recipe.lstrip().startswith("{"):
        return Recipe.from_json(_recipe_values(recipe))
    raise ConfigError(f"There is no recipe named {shortened(recipe)}; known are {', '.join(RECIPES)}.")


def _recipe_values(text: str) -> dict[str, Any]:
    try:
        values: dict[str, Any] = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError("The recipe is not readable JSON.") from error
    return values


def config_from_json(text: str) -> TrainingConfig:
    """Rebuild a config from a run folder's ``config.json``. Raises ConfigError."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError("The run's config.json is not readable JSON.") from error
    if not isinstance(values, dict) or "model" not in values:
        raise ConfigError("The run's config.json does not hold a training configuration.")
    if _never_grew(values):
        values["progressive_from_px"] = 0
    return config_for(values.pop("model"), **values)


def _never_grew(values: Mapping[str, Any]) -> bool:
    """Say whether a run was begun with a first side above the full one: older programs took that for none."""
    first, full = values.get("progressive_from_px", 0), values.get("network_px", TrainingConfig().network_px)
    return isinstance(first, int) and isinstance(full, int) and LOWEST_SIDE_PX <= full <= first


_KINDS: Final[Mapping[str, tuple[type, ...]]] = {"int": (int,), "float": (int, float), "str": (str,)}


def _check(entry: Field[Any], value: Any) -> None:
    name, metadata = entry.name, entry.metadata
    choices, low, high = metadata.get("choices"), metadata.get("low"), metadata.get("high")
    if choices and value not in choices:
        raise ConfigError(f"{name} must be one of {', '.join(map(str, choices))}, not {shortened(value)}.")
    if str(entry.type) == "bool":
        if not isinstance(value, bool):
            raise ConfigError(f"{name} must be true or false, not {shortened(value)}.")
        return
    kinds = _KINDS.get(str(entry.type), (object,))
    right = isinstance(value, kinds) and not isinstance(value, bool)
    if low is None or high is None:
        if not right:
            raise ConfigError(f"{name} must be text, not {shortened(value)}.")
        return
    if not right and isinstance(value, float) and low <= value <= high:
        raise ConfigError(f"{name} must be a whole number, not {shortened(value)}.")
    if not right or not low <= value <= high:
        unit = f" {metadata['unit']}" if metadata.get("unit") else ""
        raise ConfigError(f"{name} must lie between {low:g} and {high:g}{unit}, not {shortened(value)}.")
