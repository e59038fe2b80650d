"""The command: what it imports, what it takes, the picture of the window."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

import resources
from boneage_gui import assets, jobs, work
from boneage_gui.app import Options, Session, read_options
from boneage_gui.errors import ErrorDoor
from boneage_gui.inference import Readiness
from boneage_gui.settings import Settings, SettingsFile, ThemeName
from tests.factories import lifelike_hand, write_dicom
from tests.gui.fakes import FakeModels, FakePredictor, card
from tests.window_fixtures import LONG_MS
from trainer.card import ModelCard
from trainer.prediction import RESEARCH_USE

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "torchvision", "albumentations", "pandas", "matplotlib", "pydicom", "scipy", "PIL", "numpy")
LONGEST_S = 240


def boneage_gui(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user without a display does."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    known = {key: value for key, value in os.environ.items() if key not in hidden}
    return subprocess.run(
        [sys.executable, "-m", "boneage_gui", *arguments],
        cwd=ROOT,
        env={**known, **variables},
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )


def test_the_window_imports_nothing_heavy() -> None:
    program = f"import sys; import boneage_gui.app; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=LONGEST_S, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_start_keeps_the_import_as_it_is_and_no_source_of_a_module() -> None:
    program = (
        "import builtins; plain = builtins.__import__; from boneage_gui import haste; haste.begin(); "
        "import linecache, boneage_gui.app, numpy; "
        "print(builtins.__import__ is plain, [name for name in linecache.cache if 'numpy' in name])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=LONGEST_S, check=True
    )
    assert done.stdout.strip() == "True []"


def test_options_are_read() -> None:
    options = read_options(
        ["/a.png", "/b", "--model", "baseline", "--theme", "light", "--size", "1280x800", "--timings"]
    )
    assert options == Options(
        files=(Path("/a.png"), Path("/b")),
        model="baseline",
        theme=ThemeName.LIGHT,
        size_px=(1280, 800),
        timings=True,
    )


@pytest.mark.parametrize("wrong", [["--size", "big"], ["--size", "0x5"], ["--theme", "pink"], ["--nonsense"]])
def test_wrong_options_are_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_options(wrong)
    assert "usage: boneage-gui" in capsys.readouterr().err


def test_without_a_display_it_says_what_to_do() -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux runs without a display")
    done = boneage_gui()
    assert done.returncode == 2
    assert "--screenshot" in done.stderr


def test_a_screenshot_needs_no_display_and_leaves_the_users_state_alone(
    tmp_path: Path, own_home: Path, untrained_model: Path
) -> None:
    SettingsFile().save(Settings(panel_shown=False, theme=ThemeName.LIGHT))
    before = {path.name: path.read_bytes() for path in own_home.glob("*.ini")}
    picture = tmp_path / "deep" / "window.png"
    known: dict[str, Any] = {"PatientSex": "M", "PatientBirthDate": "20100310", "StudyDate": "20200310"}
    radiograph = write_dicom(tmp_path / "hand.dcm", lifelike_hand(), **known)
    done = boneage_gui(
        "--screenshot",
        str(picture),
        "--size",
        "1280x800",
        "--model",
        str(untrained_model),
        "--timings",
        str(radiograph),
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("hand.dcm: bone age ")
    assert "90 % interval: " in lines[0]
    assert "Model untrained (" in lines[0]
    assert lines[0].endswith(f"{RESEARCH_USE}.")
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (1280, 800)
    steps = [line.rsplit(" ", 2)[0] for line in done.stderr.splitlines()]
    assert steps == ["first paint", "picture", "model ready", "number"]
    assert {path.name: path.read_bytes() for path in own_home.glob("*.ini")} == before


def test_a_refused_file_ends_with_status_one_and_a_picture_all_the_same(tmp_path: Path) -> None:
    text = tmp_path / "notes.png"
    text.write_text("not a radiograph")
    picture = tmp_path / "window.png"
    done = boneage_gui("--screenshot", str(picture), str(text))
    assert done.returncode == 1
    assert done.stdout.startswith("Refused: ")
    assert len(done.stdout.splitlines()) == 1
    assert not QImage(str(picture)).isNull()


def test_a_model_that_is_not_there_is_refused(hand_png: Path, tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    done = boneage_gui("--screenshot", str(picture), "--model", str(tmp_path / "no.safetensors"), str(hand_png))
    assert done.returncode == 1
    assert done.stdout.startswith("Refused: ")


def test_a_screenshot_that_cannot_be_written_is_said_and_ends(hand_png: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    done = boneage_gui("--screenshot", str(tmp_path / "taken" / "window.png"), str(hand_png))
    assert done.returncode == 1
    assert "could not be written" in done.stdout


def start(options: Options, qtbot: QtBot) -> Session:
    """Begin a session as the command does; the test's own application is there already."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    session = Session(application, options, ErrorDoor())

    def let_jobs_end(_window: object) -> None:
        if not options.screenshot:
            qtbot.waitUntil(lambda: session.window.clinic.readings.opened is not None, timeout=LONG_MS)
        qtbot.waitUntil(lambda: not jobs.alive(), timeout=LONG_MS)

    qtbot.addWidget(session.window, before_close_func=let_jobs_end)
    session.begin()
    return session


def test_a_first_start_opens_the_sample_and_forgets_it(
    qtbot: QtBot, fake_models: FakeModels, hand_png: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "sample_paths", lambda: [hand_png])
    session = start(Options(), qtbot)
    with qtbot.waitSignal(session.window.answered, timeout=LONG_MS):
        pass
    assert session.window.radiograph is not None
    assert session.window.radiograph.source == hand_png
    assert session.window.settings.recent_files == ()


def test_the_end_of_the_session_waits_for_no_dialog(
    qtbot: QtBot, fake_models: FakeModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = start(Options(), qtbot)
    qtbot.waitUntil(lambda: session.inference.readiness is Readiness.READY, timeout=LONG_MS)
    dialog = QDialog(session.window)
    # The real one ends every loop of the thread for good, those of the tests to come as well.
    monkeypatch.setattr(QApplication, "exit", lambda status: dialog.done(40 + status))
    QTimer.singleShot(0, session.end)
    assert dialog.exec() == 40, "nobody answered it"
    assert not session.window.isVisible()


def test_a_later_start_opens_nothing_and_still_warms_up(
    qtbot: QtBot, fake_models: FakeModels, hand_png: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SettingsFile().save(Settings(recent_files=(hand_png,), model="baseline"))
    monkeypatch.setattr(resources, "sample_paths", lambda: [hand_png])
    session = start(Options(theme=ThemeName.LIGHT), qtbot)
    qtbot.waitUntil(lambda: session.inference.readiness is Readiness.READY, timeout=LONG_MS)
    assert session.window.radiograph is None
    assert session.window.panel.state == "No radiograph"
    assert "baseline" in session.window.panel.model
    assert session.window.settings.theme is ThemeName.LIGHT


def test_a_remembered_model_that_is_gone_is_said_and_replaced(qtbot: QtBot, fake_models: FakeModels) -> None:
    SettingsFile().save(Settings(model="/gone/mine.safetensors"))
    session = start(Options(), qtbot)
    qtbot.waitUntil(lambda: session.inference.readiness is Readiness.READY, timeout=LONG_MS)
    assert "mine.safetensors" in session.window.banner.text
    assert "improved-sex" in session.window.panel.model


def test_beside_the_number_of_another_model_it_stays_said_that_the_remembered_one_is_gone(
    qtbot: QtBot, fake_models: FakeModels, hand_png: Path
) -> None:
    SettingsFile().save(Settings(model="/gone/mine.safetensors"))
    session = start(Options(files=(hand_png,)), qtbot)
    with qtbot.waitSignal(session.window.answered, timeout=LONG_MS):
        pass
    assert session.window.prediction is not None
    assert session.window.prediction.model_name == "improved-sex"
    assert session.window.banner.text == "The model file “mine.safetensors” is not there."


def test_a_model_of_the_command_line_that_is_gone_stays_said_beside_the_radiograph(
    qtbot: QtBot, fake_models: FakeModels, hand_png: Path
) -> None:
    session = start(Options(files=(hand_png,), model="/gone/mine.safetensors"), qtbot)
    qtbot.waitUntil(lambda: session.window.panel.state == "No bone age", timeout=LONG_MS)
    assert session.window.radiograph is not None
    assert session.window.banner.text == "The model file “mine.safetensors” is not there."


def test_a_remembered_model_that_cannot_be_loaded_is_said_and_replaced(
    qtbot: QtBot, fake_models: FakeModels, hand_png: Path
) -> None:
    fake_models.broken.add("baseline")
    SettingsFile().save(Settings(model="baseline"))
    session = start(Options(files=(hand_png,)), qtbot)
    with qtbot.waitSignal(session.window.answered, timeout=LONG_MS):
        pass
    assert "are not the ones its card describes" in session.window.banner.text
    assert session.window.prediction is not None
    assert session.window.prediction.model_name == "improved-sex"


def test_a_start_waits_for_no_disk_that_a_remembered_model_lies_on(
    qtbot: QtBot, fake_models: FakeModels, hand_png: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = tmp_path / "far.safetensors"
    far.touch()
    fake_models.predictors["far"] = FakePredictor(card("far"))
    answers = threading.Event()

    def read_slowly(path: Path) -> ModelCard:
        assert path != far or answers.wait(20), "read by the thread that the test runs in"
        return fake_models.card_of(path)

    monkeypatch.setattr(work, "read_card", read_slowly)
    SettingsFile().save(Settings(model=str(far)))
    session = start(Options(files=(hand_png,)), qtbot)
    with qtbot.waitSignal(session.window.picture_shown, timeout=LONG_MS):
        pass
    assert session.window.panel.state == "Loading the model…"
    assert session.window.panel.model.startswith("Loading…")
    with qtbot.waitSignal(session.window.answered, timeout=LONG_MS):
        answers.set()
    assert session.window.prediction is not None
    assert session.window.prediction.model_name == "far"
    assert session.window.banner.text == ""


def test_the_model_waits_for_the_first_picture(qtbot: QtBot, fake_models: FakeModels, hand_png: Path) -> None:
    order: list[str] = []
    session = start(Options(files=(hand_png,)), qtbot)
    session.window.picture_shown.connect(lambda _radiograph: order.append("picture"))
    session.inference.model_changed.connect(lambda: order.append(session.inference.readiness.value))
    with qtbot.waitSignal(session.window.answered, timeout=LONG_MS):
        pass
    assert order == ["loading", "picture", "ready"]


def test_what_is_typed_relative_is_kept_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recent files are read at the next start, a model by a training's process: both begin in other folders."""
    monkeypatch.chdir(tmp_path)
    assert read_options(["hand.dcm"]).files == (tmp_path / "hand.dcm",)
    assert assets.model_file("mine.safetensors") == tmp_path / "mine.safetensors"
