"""Journey 1, through the real window: open, see, read the age; what goes wrong keeps the last good state."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from boneage_gui import work
from boneage_gui.windows.main_window import MainWindow
from boneage_gui.work.decoder import sketcher
from tests.conftest import LogWatch
from tests.factories import hand, write_dicom, write_png
from tests.gui.fakes import FakeModels, expected_months
from tests.window_fixtures import LONG_MS, MakeWindow
from trainer.prediction import years_and_months
from trainer.radiograph import Sex


def test_a_file_is_shown_at_once_and_its_age_follows(
    qtbot: QtBot, make_window: MakeWindow, fake_models: FakeModels, hand_dicom: Path
) -> None:
    fake_models.loading.clear()
    window = make_window()
    with qtbot.waitSignal(window.picture_shown, timeout=LONG_MS):
        window.open_paths([hand_dicom])
    assert window.view.has_radiograph()
    assert window.windowTitle().startswith("hand.dcm")
    assert window.panel.state == "Loading the model…"
    assert "improved-sex" in window.panel.model  # its name and accuracy are known before its weights
    assert "MAE 9.8 months" in window.panel.model
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        fake_models.loading.set()
    assert window.radiograph is not None
    age = expected_months(window.radiograph, Sex.MALE)
    assert window.panel.state == f"Bone age: {years_and_months(age)}"
    assert window.panel.dates.months == 120
    assert fake_models.predictors["improved-sex"].asked == [("hand.dcm", Sex.MALE)]


def test_sex_is_never_guessed_and_answering_asks_again(
    qtbot: QtBot, window: MainWindow, fake_models: FakeModels, hand_png: Path
) -> None:
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([hand_png])
    assert window.panel.sex.is_asking()
    assert any("Sex was not given" in line for line in window.panel.cautions.lines)
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.panel.sex.button(Sex.FEMALE).click()
    assert [sex for _, sex in fake_models.predictors["improved-sex"].asked] == [None, Sex.FEMALE]
    assert not any("Sex was not given" in line for line in window.panel.cautions.lines)


def test_opening_the_next_file_drops_the_older_answer(
    qtbot: QtBot, window: MainWindow, fake_models: FakeModels, tmp_path: Path
) -> None:
    older = write_png(tmp_path / "older.png", hand())
    newer = write_png(tmp_path / "newer.png", hand(120, 90))
    predictor = fake_models.predictors["improved-sex"]
    predictor.gate.clear()
    answers: list[str] = []
    window.answered.connect(lambda _prediction: answers.append(window.windowTitle().split()[0]))
    window.open_paths([older])
    qtbot.waitUntil(lambda: len(predictor.asked) == 1, timeout=LONG_MS)
    with qtbot.waitSignal(window.picture_shown, timeout=LONG_MS):
        window.open_paths([newer])
    predictor.gate.set()
    qtbot.waitUntil(lambda: answers == ["newer.png"], timeout=LONG_MS)
    qtbot.wait(50)
    assert answers == ["newer.png"]
    assert window.radiograph is not None
    assert window.prediction is not None
    assert window.prediction.age_months == expected_months(window.radiograph, None)


def test_of_files_opened_in_a_burst_only_the_last_is_shown(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    files = [write_png(tmp_path / f"{number}.png", hand(60 + number, 50)) for number in range(6)]
    shown: list[str] = []
    window.picture_shown.connect(lambda radiograph: shown.append(radiograph.source.name))
    for file in files:
        window.open_paths([file])
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        pass
    assert shown == ["5.png"]


def test_a_file_that_cannot_be_read_keeps_the_last_good_state(
    qtbot: QtBot, window: MainWindow, hand_dicom: Path, tmp_path: Path
) -> None:
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([hand_dicom])
    state, title = window.panel.state, window.windowTitle()
    broken = tmp_path / "broken.dcm"
    broken.write_bytes(hand_dicom.read_bytes()[:700])
    with qtbot.waitSignal(window.refused, timeout=LONG_MS) as refused:
        window.open_paths([broken])
    assert window.banner.text == refused.args[0]
    assert window.banner.text.endswith(".")
    assert (window.panel.state, window.windowTitle()) == (state, title)
    assert window.view.has_radiograph()
    assert window.prediction is not None
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([hand_dicom])
    assert window.banner.text == ""


def test_the_first_file_may_be_the_broken_one(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    missing = tmp_path / "missing.png"
    with qtbot.waitSignal(window.refused, timeout=LONG_MS):
        window.open_paths([missing])
    assert window.banner.text
    assert window.panel.state == "No radiograph"


def test_what_the_model_refuses_is_said_beside_its_radiograph(
    qtbot: QtBot, window: MainWindow, fake_models: FakeModels, hand_png: Path
) -> None:
    fake_models.predictors["improved-sex"].refusal = "This does not look like a hand."
    with qtbot.waitSignal(window.refused, timeout=LONG_MS):
        window.open_paths([hand_png])
    assert window.view.has_radiograph()
    assert window.panel.state == "No bone age"
    assert window.panel.detail == "This does not look like a hand."
    assert window.prediction is None


def test_without_a_model_the_window_is_a_viewer(
    qtbot: QtBot, make_window: MakeWindow, fake_models: FakeModels, hand_png: Path
) -> None:
    fake_models.predictors.clear()
    window = make_window(with_model=False)
    with qtbot.waitSignal(window.picture_shown, timeout=LONG_MS):
        window.open_paths([hand_png])
    assert window.view.has_radiograph()
    assert window.panel.state == "No bone age"
    assert "No model is installed" in window.panel.detail


def test_a_folder_becomes_a_strip_and_keys_walk_through_it(
    qtbot: QtBot, window: MainWindow, fake_models: FakeModels, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    for number in (10, 9, 2):
        write_png(folder / f"{number}.png", hand(60, 50 + number))
    write_dicom(folder / "IM0001", hand(), PatientSex="F")
    (folder / "notes.txt").write_text("not a radiograph")
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([folder])
    assert [path.name for path in window.strip.files()] == ["2.png", "9.png", "10.png", "IM0001"]
    qtbot.waitUntil(lambda: not window.opening.thumbnails_pending, timeout=LONG_MS)
    names = []
    for _ in range(3):
        with qtbot.waitSignal(window.answered, timeout=LONG_MS):
            window.menus.actions["next"].trigger()
        assert window.radiograph is not None
        names.append(window.radiograph.source.name)
    assert names == ["9.png", "10.png", "IM0001"]
    assert window.strip.current() == folder / "IM0001"
    assert fake_models.predictors["improved-sex"].asked[-1] == ("IM0001", Sex.FEMALE)
    window.menus.actions["next"].trigger()  # the end: nothing happens
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.menus.actions["previous"].trigger()
    assert window.strip.current() == folder / "10.png"


def test_a_bug_while_making_thumbnails_is_logged_and_stops_nothing(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(sketcher, "thumbnail", fail)
    files = [write_png(tmp_path / f"{number}.png", hand()) for number in range(2)]
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths(files)
    qtbot.waitUntil(lambda: bool(log_watch.records), timeout=LONG_MS)
    log_watch.expect("unexpected error")
    assert window.prediction is not None


def test_an_empty_folder_is_a_sentence(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with qtbot.waitSignal(window.refused, timeout=LONG_MS):
        window.open_paths([empty])
    assert window.banner.text == "The folder “empty” holds no radiographs (DICOM, PNG, JPEG or TIFF)."


def test_closing_while_everything_runs_ends_cleanly(
    qtbot: QtBot, window: MainWindow, fake_models: FakeModels, hand_png: Path
) -> None:
    predictor = fake_models.predictors["improved-sex"]
    predictor.gate.clear()
    window.open_paths([hand_png])
    qtbot.waitUntil(lambda: len(predictor.asked) == 1, timeout=LONG_MS)
    window.close()
    predictor.gate.set()
    from boneage_gui import jobs

    assert jobs.close_all()
    assert window.prediction is None


def test_a_real_model_answers_through_the_window_as_it_does_without(
    qtbot: QtBot, make_window: MakeWindow, hand_dicom: Path, untrained_model: Path
) -> None:
    """Window, card, weights and predictor fit together."""
    window = make_window(with_model=False)
    window.choose_model(str(untrained_model))
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([hand_dicom])
    alone = work.predict(work.load_predictor(untrained_model), work.read(hand_dicom), Sex.MALE)
    assert window.prediction is not None
    assert abs(window.prediction.age_months - alone.age_months) < 0.01
    assert window.panel.state == f"Bone age: {years_and_months(alone.age_months)}"
    assert "untrained" in window.panel.model


def test_a_tampered_model_is_refused_and_the_one_before_stays(
    qtbot: QtBot, make_window: MakeWindow, hand_dicom: Path, untrained_model: Path, tmp_path: Path
) -> None:
    tampered = tmp_path / "tampered.safetensors"
    content = bytearray(untrained_model.read_bytes())
    content[-5] ^= 0xFF
    tampered.write_bytes(content)
    window = make_window(with_model=False)
    window.choose_model(str(untrained_model))
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([hand_dicom])
    with qtbot.waitSignal(window.inference.model_failed, timeout=LONG_MS):
        window.choose_model(str(tampered))
    assert "tampered.safetensors" in window.banner.text
    qtbot.waitUntil(lambda: window.prediction is not None, timeout=LONG_MS)
    assert window.prediction is not None
    assert window.prediction.model_name == "untrained"


def test_a_thumbnail_that_was_let_go_is_made_again(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    """The strip of a large folder keeps few and asks for the others again when they come into sight."""
    files = [write_png(tmp_path / f"{number}.png", hand()) for number in range(2)]
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths(files)
    qtbot.waitUntil(lambda: not window.opening.thumbnails_pending, timeout=LONG_MS)
    with qtbot.waitSignal(window.opening.thumbnail_made, timeout=LONG_MS) as made:
        window.opening.want_thumbnail(files[1])
    assert made.args[0] == files[1]
