"""``boneage predict FILE...``: the bone age of radiographs, as a table or one JSON object a line."""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from trainer.commands.loading import loaded
from trainer.commands.models import model_path
from trainer.errors import RadiographError
from trainer.prediction import RESEARCH_USE, Prediction, years_and_months
from trainer.radiograph import Sex, read, shown_name


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("predict", help="read the bone age of radiographs")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="PNG, JPEG, TIFF or DICOM")
    parser.add_argument("--model", help="a shipped model's name, or a file (default: the default model)")
    parser.add_argument(
        "--sex", choices=[sex.value for sex in Sex], help="sex of the children whose files do not say (never guessed)"
    )
    parser.add_argument(
        "--anyway", action="store_true", help="read what the gate refuses, too; the result says that it did"
    )
    parser.add_argument(
        "--turn",
        type=int,
        choices=(90, 180, 270),
        default=0,
        help="degrees to the right that make the fingers point up, where the program cannot find out",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=run, reader=read)


def run(options: argparse.Namespace) -> int:
    """Read every file; status 1 when any was refused."""
    predictor = loaded(model_path(options.model), gated=True)
    told = Sex(options.sex) if options.sex else None
    refused = 0
    for path in options.files:
        row = _row(path)
        try:
            radiograph = replace(options.reader(path), quarters=options.turn // 90)
            row |= _answer(predictor.predict(radiograph, sex=radiograph.sex or told, anyway=options.anyway))
        except RadiographError as error:
            row["refused"] = str(error)
            refused += 1
        row["model"], row["model_sha256"] = predictor.card.name, predictor.card.weights_sha256
        print(json.dumps(row) if options.json else _line(row), flush=True)
    if not options.json:
        print(f"{predictor.card.name} {predictor.card.weights_sha256[:12]}: {predictor.card.accuracy_line()}")
        print(f"{predictor.card.training_line()}. {RESEARCH_USE}.")
    return 1 if refused else 0


def _row(path: Path) -> dict[str, Any]:
    names = ("age_months", "low_months", "high_months", "coverage", "sex", "model", "model_sha256")
    return {"file": str(path), **dict.fromkeys(names), "cautions": [], "refused": None, "elapsed_s": None}


def _answer(prediction: Prediction) -> dict[str, Any]:
    return {
        "age_months": round(prediction.age_months, 3),
        "low_months": _finite(prediction.low_months),
        "high_months": _finite(prediction.high_months),
        "coverage": prediction.coverage,
        "sex": prediction.sex.value if prediction.sex else None,
        "cautions": list(prediction.cautions),
        "elapsed_s": round(prediction.elapsed_s, 4),
    }


def _finite(months: float) -> float | None:
    return round(months, 3) if math.isfinite(months) else None


def _line(row: dict[str, Any]) -> str:
    name = shown_name(Path(row["file"]))
    if row["refused"]:
        return f"{name:<24} {row['refused']}"
    age = years_and_months(row["age_months"])
    interval = "no interval"
    if row["low_months"] is not None:
        low, high = years_and_months(row["low_months"]), years_and_months(row["high_months"])
        interval = f"{row['coverage']:.0%} interval {low} to {high}"
    return f"{name:<24} {age:<20} {interval:<54} sex {row['sex'] or 'not given'}"
