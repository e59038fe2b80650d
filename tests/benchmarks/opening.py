"""A 5-megapixel 12-bit DICOM, from click to picture and from click to number, in the real window, model warm."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from tests.benchmarks.table import Row

ROUNDS = 15
LIMIT_MS = 120_000


def measure(folder: Path) -> list[Row]:
    """Open two radiographs in turn, so that no round finds its own file on the screen."""
    import resources
    from trainer.predictor import Predictor

    files = five_megapixel_files(folder)
    application, window = warm_window(files[0])
    pictures, numbers, plain = [], [], []
    predictor = Predictor.load(resources.model_path(resources.DEFAULT_MODEL))
    for round_number in range(ROUNDS + 1):
        picture_s, number_s = click(window, files[round_number % 2])
        begun = time.perf_counter()
        read_plainly(files[round_number % 2], predictor)
        if round_number:
            plain.append(time.perf_counter() - begun)
            pictures.append(picture_s)
            numbers.append(number_s)
    close(application, window)
    return [
        Row(what="5 MP DICOM, click to picture", ours=statistics.median(pictures) * 1000, unit="ms", rounds=ROUNDS),
        Row(
            what="5 MP DICOM, click to number (aim 150 ms)",
            ours=statistics.median(numbers) * 1000,
            unit="ms",
            rounds=ROUNDS,
            plain_way="pydicom apply_voi_lut, Pillow resize, the same networks and views, one at a time",
            plain=statistics.median(plain) * 1000,
        ),
    ]


def five_megapixel_files(folder: Path, count: int = 2) -> list[Path]:
    """Write phantoms of about 5 megapixels as 12-bit DICOM."""
    from trainer.phantom import draw, write_dicom

    files = []
    for number in range(count):
        phantom = draw(age_months=100 + 3 * number, male=bool(number % 2), seed=number, height_px=2600)
        path = folder / f"five-{number}.dcm"
        write_dicom(path, phantom, case_id=number + 1)
        files.append(path)
    return files


def warm_window(first: Path):  # type: ignore[no-untyped-def]
    """Return a shown window with its model loaded and one file read."""
    from boneage_gui import assets, jobs
    from boneage_gui.errors import ErrorDoor
    from boneage_gui.inference import Inference
    from boneage_gui.settings import Settings
    from boneage_gui.windows.main_window import MainWindow

    jobs.take_short_turns()
    application = QApplication.instance() or QApplication([])
    inference = Inference()
    model = assets.default_model()
    if model is None:
        raise SystemExit("There is no shipped model to measure with.")
    inference.choose(model)
    window = MainWindow(settings=Settings(), store=None, inference=inference, door=ErrorDoor())
    window.resize(1280, 800)
    window.show()
    inference.load()
    click(window, first)
    return application, window


def click(window, path: Path) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    """Open a file; return seconds until its picture is painted and until its number is there."""
    seen: dict[str, float] = {}
    loop = QEventLoop()
    begun = time.perf_counter()

    def painted() -> None:
        seen["picture"] = time.perf_counter() - begun

    def answered(_answer: object) -> None:
        seen["number"] = time.perf_counter() - begun
        QTimer.singleShot(0, loop.quit)

    def shown(_radiograph: object) -> None:
        window.view.repaint()
        painted()

    window.picture_shown.connect(shown)
    window.answered.connect(answered)
    window.refused.connect(loop.quit)
    QTimer.singleShot(LIMIT_MS, loop.quit)
    window.open_paths([path])
    loop.exec()
    window.picture_shown.disconnect(shown)
    window.answered.disconnect(answered)
    window.refused.disconnect(loop.quit)
    if "number" not in seen:
        raise SystemExit(f"{path.name} was not read.")
    return seen["picture"], seen["number"]


def close(application, window) -> None:  # type: ignore[no-untyped-def]
    """Close the window and its jobs."""
    from boneage_gui import jobs

    window.close()
    jobs.close_all()
    application.processEvents()


def read_plainly(path: Path, predictor) -> float:  # type: ignore[no-untyped-def]
    """Do as tutorials do: pydicom's own LUT functions in float64, Pillow's resize, one view after the other."""
    import numpy as np
    import pydicom
    from PIL import Image
    from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut

    from trainer.preprocess import sampling_shifts
    from trainer.radiograph import Radiograph
    from trainer.views import View

    dataset = pydicom.dcmread(path)
    grey = apply_voi_lut(apply_modality_lut(dataset.pixel_array, dataset), dataset).astype(np.float64)
    grey = (grey - grey.min()) / (np.ptp(grey) or 1) * 255
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        grey = 255 - grey
    look = predictor.card.preprocessing
    picture = Image.fromarray(grey.astype(np.uint8))
    step = grey.shape[1] / look.side_px, grey.shape[0] / look.side_px
    whole = Radiograph(pixels=grey.astype(np.float32) / 255, source=path)
    ages = []
    shifts = sampling_shifts(whole, look, per_side=predictor.card.shifts_per_side)
    for (row, column), view in zip(shifts, predictor.views(whole), strict=True):
        moved = picture.transform(picture.size, Image.Transform.AFFINE, (1, 0, column * step[0], 0, 1, row * step[1]))
        canvas = np.asarray(moved.resize((look.side_px, look.side_px), Image.Resampling.NEAREST))
        ages.append(predictor.ages_of_views([View(canvas, is_mirrored=view.is_mirrored)], [None])[0])
    return float(np.mean(ages))
