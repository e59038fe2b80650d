"""What the tests of figures draw: a comparison and runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from trainer.comparison import Compared, Comparison, compare
from trainer.config import config_for
from trainer.events import EpochRecord
from trainer.history import History, history_of


def a_comparison(count: int = 60, *, spreads: tuple[float, float] = (9, 14), **choices: object) -> Comparison:
    """Return a comparison of two models whose errors spread so many months; keywords as ``compare`` takes them."""
    rng = np.random.default_rng(1)
    actual = np.linspace(3, 227, count)
    predictions = [np.clip(actual + rng.normal(0, spread, count), 0, 400) for spread in spreads]
    new, used = (
        Compared(name=name, sha256=letter * 64, predicted=predicted, interval_covered=0.9)
        for name, letter, predicted in zip(("improved", "baseline"), "ab", predictions, strict=True)
    )
    return compare(
        case_ids=[str(index) for index in range(count)],
        actual=actual,
        sexes=["male", "female", None][:3] * (count // 3),
        new=new,
        used=used,
        data="held-out tenth of a set",
        resamples=200,
        **choices,  # type: ignore[arg-type]
    )


def a_history(
    validation: Sequence[float], *, name: str = "run", training: Sequence[float] = (), loss: str = "mse"
) -> History:
    """Return a run with these validation MAEs, and training MAEs like them or given."""
    records = [
        EpochRecord(
            epoch=index + 1,
            training_loss=mae**2,
            training_mae_months=mae,
            validation_loss=value**2,
            validation_mae_months=value,
            learning_rate=0.001,
            images_per_s=1.0,
            elapsed_s=1.0,
            is_best=False,
        )
        for index, (value, mae) in enumerate(zip(validation, training or validation, strict=True))
    ]
    return history_of(Path("runs") / name, config_for("baseline", loss=loss), records, held=False)
