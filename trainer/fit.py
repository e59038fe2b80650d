"""fit: train one network on a split, as a generator of events."""

from __future__ import annotations

import math
import platform
import time
from collections.abc import Generator
from contextlib import closing, suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from trainer.batches import Batch, TrainingBatches
from trainer.canvases import CanvasCache
from trainer.card import ModelCard
from trainer.checkpoint import load_first_weights, save_checkpoint
from trainer.config import OF_THE_MACHINE, TrainingConfig
from trainer.device import choose_device, gpu_memory_mb, uses_bfloat16
from trainer.errors import RunError
from trainer.events import CheckpointSaved, EpochRecord, RunFinished, RunStarted, StepReport, TrainingEvent
from trainer.metrics import Months, residual_quantiles, score_in_full
from trainer.networks import AgeNetwork, build, loss_of, note_on, sex_codes
from trainer.orders import Order, Ordered, Orders
from trainer.predictor import WITHOUT_SEX, Predictor, estimate_months
from trainer.preprocess import to_input
from trainer.run import Progress, Run
from trainer.training_state import make_average, make_optimizer, pack_state, unpack_state

REPORT_EVERY_S = 1.0
_NO_MEMORY = "The GPU's memory is full; choose a smaller batch_size or network_px. The last checkpoint is kept."


def fit(
    config: TrainingConfig,
    training: CanvasCache,
    validation: CanvasCache,
    run: Run,
    *,
    data: dict[str, Any],
    orders: Orders | None = None,
) -> Generator[TrainingEvent]:
    """Train, or go on training, in a run folder; yield and record every event.

    Pause by an order, or by no longer asking: closing the generator keeps the state. A stopped run stays stopped.
    ``data`` is what the card says of the data. Raises RunError on a loss that is no number, a full disk, a full GPU,
    or a folder that was begun with other choices or that another process trains in. However it ends,
    ``events.jsonl`` says so.
    """
    with run.held():
        _refuse_other_choices(run, config)
        current = _Training(config, training, validation, run, data=data, orders=orders or Orders())
        event: TrainingEvent | None = None
        try:
            with closing(current.events()) as events:
                for event in events:
                    run.record(event)
                    yield event
        except GeneratorExit:
            if not isinstance(event, RunFinished):
                run.record(current.ended("paused", "Paused; the run can be resumed."))
            raise
        except (RunError, torch.OutOfMemoryError) as error:
            failure = error if isinstance(error, RunError) else RunError(_NO_MEMORY)
            with suppress(RunError):
                run.record(current.ended("failed", str(failure)))
            raise failure from error.__cause__


class _Training:
    """One network, its optimizer, and where it stands."""

    def __init__(
        self,
        config: TrainingConfig,
        training: CanvasCache,
        validation: CanvasCache,
        run: Run,
        *,
        data: dict[str, Any],
        orders: Orders,
    ) -> None:
        torch.manual_seed(config.seed)
        self.config, self.run, self.data, self.validation = config, run, data, validation
        self.orders = orders
        self.device = choose_device(config.device)
        self.bfloat16 = uses_bfloat16(config.precision, self.device)
        ages = np.array([case.age_months for case in training.cases])
        self.mean, self.std = float(ages.mean()), float(max(ages.std(), 1.0))
        self.age_range = float(ages.min()), float(ages.max())
        self.batches = TrainingBatches(training, config)
        network = build(config.model)
        begins = not run.last_path.is_file()
        self.note = note_on(config.initial_weights)
        if begins:
            load_first_weights(network, config, mean_months=self.mean, std_months=self.std)
        self.network: AgeNetwork = network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = make_average(self.network, config.ema_decay)
        self.optimizer = make_optimizer(config, self.network)
        self.progress = Progress()
        self.training_cases = len(training.cases)
        self._resume()

    def events(self) -> Generator[TrainingEvent]:
        """Train epoch by epoch, from top to bottom."""
        progress, config = self.progress, self.config
        yield self._started()
        if progress.stopped:
            yield self.ended("stopped", progress.stopped_sentence)
            return
        try:
            while progress.epoch <= config.epochs:
                yield from self._epoch()
                record, predicted = self._validate()
                if record.is_best:
                    self._save_best(record, predicted)
                progress.epoch, progress.step = progress.epoch + 1, 0
                progress.seen, progress.loss_sum, progress.absolute_sum = 0, 0.0, 0.0
                yield record
                self._save_last()
                yield CheckpointSaved(epoch=record.epoch, path=self.run.last_path.name, is_best=record.is_best)
        except GeneratorExit:
            self._save_last()
            raise
        except Ordered as ordered:
            yield from self._obey(ordered.order)
            return
        yield self.ended(
            "finished",
            f"Finished {config.epochs} epochs; epoch {progress.best_epoch} is best, with "
            f"{progress.best_mae_months:.2f} months on the validation cases.",
        )

    def ended(self, reason: str, message: str) -> RunFinished:
        """Return the last event of a run; the reason is one of ``events.REASONS``."""
        return self.progress.ended(reason, message)

    def _obey(self, order: Order) -> Generator[TrainingEvent]:
        self.progress.stopped = order == "stop"
        self._save_last()
        if order == "stop":
            yield self.ended("stopped", self.progress.stopped_sentence)
        else:
            yield self.ended("paused", "Paused; the run can be resumed.")

    def _leave_if_ordered(self) -> None:
        if self.orders.wanted:
            raise Ordered(self.orders.wanted)

    def _epoch(self) -> Generator[TrainingEvent]:
        progress = self.progress
        self.network.train()
        begun = reported = saved = time.perf_counter()
        elapsed_before, last = progress.elapsed_s, (progress.seen, progress.loss_sum)
        with closing(self.batches.epoch(progress.epoch, first_step=progress.step)) as batches:
            for batch in batches:
                self._leave_if_ordered()
                self._step(batch)
                now = time.perf_counter()
                progress.elapsed_s = elapsed_before + now - begun
                if now - reported > REPORT_EVERY_S:
                    seen = progress.seen - last[0]
                    yield StepReport(
                        epoch=progress.epoch,
                        step=progress.step,
                        steps_per_epoch=self.batches.steps_per_epoch,
                        loss=(progress.loss_sum - last[1]) / seen,
                        images_per_s=seen / (now - reported),
                        elapsed_s=progress.elapsed_s,
                        gpu_memory_mb=gpu_memory_mb(self.device),
                    )
                    reported, last = now, (progress.seen, progress.loss_sum)
                if now - saved > self.config.checkpoint_every_s:
                    self._save_last()
                    saved = time.perf_counter()
                    yield CheckpointSaved(epoch=progress.epoch, path=self.run.last_path.name, is_best=False)

    def _step(self, batch: Batch) -> None:
        config, progress, count = self.config, self.progress, len(batch.ages_months)
        for group in self.optimizer.param_groups:
            group["lr"] = self._learning_rate()
        inputs = batch.inputs.to(self.device, memory_format=torch.channels_last)
        target = ((batch.ages_months - self.mean) / self.std).to(self.device)
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.bfloat16):
            answer = self.network(inputs, batch.sexes.to(self.device))
        loss = loss_of(config.loss, answer.float(), target, batch.weights.to(self.device))
        value = float(loss.detach())
        if not math.isfinite(value):
            raise RunError(
                f"The loss is no longer a number (epoch {progress.epoch}, step {progress.step + 1}). "
                f"{'The best model so far is kept; try' if progress.best_epoch else 'Try'} a lower learning rate."
            )
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        if self.average is not None:
            self.average.update_parameters(self.network)
        progress.step += 1
        progress.seen += count
        progress.loss_sum += value * count
        progress.absolute_sum += float((answer.detach().float() - target).abs().sum()) * self.std

    def _learning_rate(self) -> float:
        config = self.config
        steps = self.batches.steps_per_epoch
        done = (self.progress.epoch - 1) * steps + self.progress.step
        warmup = config.warmup_epochs * steps
        rise = min(1.0, (done + 1) / warmup) if warmup else 1.0
        if config.schedule == "constant":
            return config.learning_rate * rise
        share = max(0.0, done - warmup) / max(1.0, config.epochs * steps - warmup)
        return config.learning_rate * rise * 0.5 * (1 + math.cos(math.pi * share))

    def _validate(self) -> tuple[EpochRecord, Months]:
        progress = self.progress
        begun = time.perf_counter()
        network = self._chosen()
        predicted = self._ages(network, hide_sex=False)
        actual = np.array([case.age_months for case in self.validation.cases])
        scaled = torch.from_numpy((predicted - actual) / self.std)
        mae = float(np.abs(predicted - actual).mean())
        is_best = mae < progress.best_mae_months
        if is_best:
            progress.best_mae_months, progress.best_epoch = mae, progress.epoch
        unit = self.std**2 if self.config.loss == "mse" else self.std
        training_s = progress.elapsed_s
        progress.elapsed_s += time.perf_counter() - begun
        record = EpochRecord(
            epoch=progress.epoch,
            training_loss=progress.loss_sum / max(1, progress.seen) * unit,
            training_mae_months=progress.absolute_sum / max(1, progress.seen),
            validation_loss=float(loss_of(self.config.loss, scaled, torch.zeros_like(scaled))) * unit,
            validation_mae_months=mae,
            learning_rate=self._learning_rate(),
            images_per_s=self.training_cases * progress.epoch / max(training_s, 1e-9),
            elapsed_s=progress.elapsed_s,
            is_best=is_best,
        )
        return record, predicted

    def _ages(self, network: AgeNetwork, *, hide_sex: bool) -> Months:
        """Read every validation case with the function that the predictor uses."""
        network.eval()
        card, answers = self._card(), []
        for start in range(0, len(self.validation.cases), 64):
            if not hide_sex:  # asked again for a best model: it is written whole, or not begun
                self._leave_if_ordered()
            cases = self.validation.cases[start : start + 64]
            canvases = self.validation.canvases[start : start + 64]
            inputs = torch.from_numpy(np.stack([to_input(canvas, card.preprocessing) for canvas in canvases]))
            sexes = sex_codes([None if hide_sex else case.sex for case in cases])
            with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.bfloat16):
                answers.append(estimate_months([network], inputs, sexes, card))
        return np.concatenate(answers)

    def _save_best(self, record: EpochRecord, predicted: Months) -> None:
        network = self._chosen()
        actual = np.array([case.age_months for case in self.validation.cases])
        sexes = [case.sex for case in self.validation.cases]
        quantiles = {"all": residual_quantiles(predicted, actual)}
        if self.config.uses_sex:
            quantiles[WITHOUT_SEX] = residual_quantiles(self._ages(network, hide_sex=True), actual)
        card = replace(
            self._card(),
            residual_quantiles=quantiles,
            metrics={"validation": score_in_full(predicted, actual, sexes)},
            notes=(
                self.note,
                f"Weights of epoch {record.epoch} of {self.config.epochs}, the best on validation.",
            ),
        )
        copy = build(self.config.model)
        copy.load_state_dict(network.state_dict())
        card = replace(card, self_test_months=Predictor([copy.eval()], card).self_test())
        try:
            save_checkpoint(self.run.best_path, [copy], card)
        except OSError as error:
            raise RunError(
                f"The best model could not be written ({error.strerror}); the former one is kept. Make room and resume."
            ) from error

    def _chosen(self) -> AgeNetwork:
        chosen = self.network if self.average is None else self.average.module
        return cast("AgeNetwork", chosen)

    def _card(self) -> ModelCard:
        config = self.config
        return ModelCard(
            name=config.model,
            architecture=config.model,
            uses_sex=config.uses_sex,
            # A network is judged, and later used, at the side it was last trained at.
            preprocessing=replace(config.preprocessing, network_px=config.network_px_in(self.progress.epoch)),
            label_mean_months=self.mean,
            label_std_months=self.std,
            age_low_months=self.age_range[0],
            age_high_months=self.age_range[1],
            data=self.data,
            # Where the first weights lay is this machine's business; a card travels.
            config={**config.to_json(), "initial_weights": Path(config.initial_weights).name},
            versions={
                "python": platform.python_version(),
                "torch": torch.__version__,
                "numpy": np.__version__,
            },
        )

    def _started(self) -> RunStarted:
        return RunStarted(
            run_name=self.run.folder.name,
            first_epoch=self.progress.epoch,
            epochs=self.config.epochs,
            training_cases=self.training_cases,
            validation_cases=len(self.validation.cases),
            steps_per_epoch=self.batches.steps_per_epoch,
            device=f"{self.device} {'bfloat16' if self.bfloat16 else 'float32'}",
            config=self.config.to_json(),
        )

    def _save_last(self) -> None:
        tensors = pack_state(self.network, self.average, self.optimizer, self.device)
        self.run.save_last(tensors, self.progress)

    def _resume(self) -> None:
        state = self.run.load_last()
        if state is not None:
            tensors, self.progress = state
            if self.progress.stopped:
                return
            try:
                unpack_state(tensors, self.network, self.average, self.optimizer, self.device)
            except (KeyError, ValueError, TypeError, RuntimeError) as error:
                raise RunError(f"{self.run.last_path.name} does not hold the state of this run.") from error


def _refuse_other_choices(run: Run, config: TrainingConfig) -> None:
    if not run.exists:
        return
    begun = run.config()
    for entry in fields(config):
        was, wanted = getattr(begun, entry.name), getattr(config, entry.name)
        if was != wanted and entry.name not in OF_THE_MACHINE:
            raise RunError(f"This run was begun with another {entry.name}; begin another run folder to change it.")
