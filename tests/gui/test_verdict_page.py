"""The page at the end of a run: verdict, refusal, the new model alone; use it, keep the other, save; what breaks."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel

from boneage_gui import jobs, theme
from boneage_gui.widgets.verdict_page import VerdictPage
from boneage_gui.widgets.verdict_page.page import UNMEASURED
from boneage_gui.work import child, models
from boneage_gui.work.comparing import IN_USE, NO_MODEL, stored_comparison
from tests.gui import verdict_scene
from tests.gui.verdict_scene import Scene, answers, said
from tests.trainer import small
from tests.trainer.drawings import a_comparison
from tests.window_fixtures import LONG_MS
from trainer.card import likeness_beside, read_card
from trainer.errors import CheckpointError
from trainer.measured import new_of
from trainer.prediction import RESEARCH_USE

scene = verdict_scene.scene  # here alone: it brings torch, which other tests of the window do without
PROGRESS = {"event": "Preparing", "what": "new reads the radiographs", "done": 3, "total": 60}
REFUSED = "The model in use (small) was trained on 40 of these 60 radiographs, so a comparison on them says nothing."


def test_a_better_model_is_said_to_be_better_with_all_its_numbers(scene: Scene) -> None:
    comparison = answers(scene.run, scene.used)
    scene.script(compare={"lines": [PROGRESS, said(comparison)]})
    scene.judge(scene.used)
    assert scene.page.heading.verdict.text() == "Better"
    assert scene.page.heading.sentence.text() == comparison.sentence
    assert comparison.bootstrap_line in scene.page.heading.line.text()
    assert "Measured on 60 radiographs, a tenth." in scene.page.heading.models.text()
    assert "new" in scene.page.heading.models.text()
    score = comparison.score_of(comparison.new)
    row = next(row for row in scene.page.table.rows if row.group == "all" and row.role == "New")
    assert row.cells[0].startswith(f"{score['mae_months']:.2f} ({score['mae_low']:.2f}")
    assert {row.group for row in scene.page.table.rows} >= {"all", "female", "male", "unknown", "0–5 y", "15–19 y"}
    assert "95 % interval" in scene.page.heading.bar.accessibleDescription()
    assert scene.page.choice.use_button.property("primary")
    said_below: list[QLabel] = scene.page.choice.findChildren(QLabel)
    assert RESEARCH_USE in [part.text() for part in said_below]


@pytest.mark.parametrize(("spreads", "verdict"), [((14.0, 9.0), "Worse"), ((10.0, 10.2), "Not shown to differ")])
def test_keeping_the_model_in_use_is_offered_first_where_the_new_one_is_not_better(
    scene: Scene, spreads: tuple[float, float], verdict: str
) -> None:
    scene.script(compare={"lines": [said(answers(scene.run, scene.used, spreads=spreads))]})
    scene.judge(scene.used)
    assert scene.page.heading.verdict.text() == verdict
    assert scene.page.choice.keep_button.property("primary")
    assert scene.page.choice.use_button.isEnabled()  # it is the user who decides
    with scene.qtbot.waitSignal(scene.page.keep_used):
        scene.page.choice.keep_button.click()


def test_what_was_compared_before_is_shown_at_once(scene: Scene) -> None:
    comparison = answers(scene.run, scene.used)
    (scene.run / "comparison.json").write_text(json.dumps(comparison.to_json()))
    scene.script()  # whoever asks a child gets a KeyError
    scene.judge(scene.used)
    assert scene.page.heading.sentence.text() == comparison.sentence


@pytest.mark.parametrize("damage", ["", "{", "[1]", "{}", '{"new": 3}'])
def test_a_damaged_or_foreign_comparison_is_made_again(scene: Scene, damage: str) -> None:
    (scene.run / "comparison.json").write_text(damage or json.dumps(a_comparison().to_json()))
    comparison = answers(scene.run, scene.used)
    scene.script(compare={"lines": [said(comparison)]})
    scene.judge(scene.used)
    assert scene.page.heading.sentence.text() == comparison.sentence


@pytest.mark.parametrize("other", ["radiographs", "words"])
def test_a_comparison_on_other_radiographs_is_not_the_runs_own(scene: Scene, other: str) -> None:
    comparison = answers(scene.run, scene.used)
    stored = replace(comparison, held_out=False, data="all usable cases of elsewhere")
    if other == "radiographs":
        stored = replace(comparison, case_ids=tuple(f"x{name}" for name in comparison.case_ids), data="elsewhere")
    (scene.run / "comparison.json").write_text(json.dumps(stored.to_json()))
    scene.script(compare={"lines": [said(comparison)]})
    scene.judge(scene.used)
    assert "Measured on 60 radiographs, a tenth." in scene.page.heading.models.text()


def test_the_runs_own_comparison_counts_though_the_other_models_training_is_unknown(scene: Scene) -> None:
    new, used = (read_card(path) for path in (scene.run / "best.safetensors", scene.used))
    new = replace(new, data={**new.data, "split_sha256": "5a" * 32})
    words = f"the held-out test part of data (split {('5a' * 32)[:12]})"
    stored = replace(answers(scene.run, scene.used), held_out=False, data=words)
    (scene.run / "comparison.json").write_text(json.dumps(stored.to_json()))
    assert stored_comparison(scene.run, new, used) is not None


def test_where_it_cannot_be_compared_the_new_model_is_shown_alone(scene: Scene) -> None:
    measured = new_of(answers(scene.run, scene.used))
    scene.script(compare={"sentence": REFUSED}, evaluate={"lines": [PROGRESS, said(measured)]})
    scene.judge(scene.used)
    assert scene.page.heading.verdict.text() == "Not compared"
    assert scene.page.heading.cautions.lines[0] == REFUSED
    assert scene.page.heading.sentence.text() == measured.sentence
    assert scene.page.table.isColumnHidden(1)
    assert scene.page.choice.use_button.isEnabled()
    with scene.qtbot.waitSignal(scene.page.use_model, timeout=LONG_MS) as kept:
        scene.page.choice.use_button.click()
    assert read_card(kept.args[0]).metrics["test"]["n"] == 60


def test_where_nothing_can_be_measured_the_model_may_still_be_used(scene: Scene) -> None:
    gone = "There is no folder or table at /gone."
    scene.script(compare={"sentence": gone}, evaluate={"sentence": gone})
    scene.judge(scene.used)
    assert scene.page.heading.cautions.lines == (gone,)  # said once
    assert not scene.page.choice.page_button.isEnabled()
    with scene.qtbot.waitSignal(scene.page.use_model, timeout=LONG_MS) as kept:
        scene.page.choice.use_button.click()
    assert read_card(kept.args[0]).accuracy_line() == "Accuracy not measured"


def test_without_a_model_in_use_there_is_nothing_to_compare_with(scene: Scene) -> None:
    scene.script(evaluate={"lines": [said(new_of(answers(scene.run, scene.used)))]})
    scene.judge(None)
    assert scene.page.heading.cautions.lines == (NO_MODEL,)


def test_the_model_is_kept_used_and_then_known_as_the_one_in_use(scene: Scene) -> None:
    comparison = answers(scene.run, scene.used)
    scene.script(compare={"lines": [said(comparison)]}, evaluate={"lines": [said(new_of(comparison))]})
    scene.judge(scene.used)
    with scene.qtbot.waitSignal(scene.page.use_model, timeout=LONG_MS) as signal:
        QTest.keyClick(scene.page.choice.use_button, Qt.Key.Key_Space)
    kept = signal.args[0]
    assert kept == scene.folder / "models" / "my run.safetensors"
    card = read_card(kept)
    assert card.name == "my run"
    assert card.accuracy_line().endswith("on 60 held-out radiographs")
    assert "my run" in kept.with_suffix(".md").read_text(encoding="utf-8")
    assert not scene.page.choice.use_button.isEnabled()
    scene.page.show_run(scene.run, kept)  # the verdict stays on show
    assert scene.page.heading.verdict.text() == "Better"
    other = VerdictPage(models_folder=scene.folder / "models")
    scene.qtbot.addWidget(other)
    with scene.qtbot.waitSignal(other.shown, timeout=LONG_MS):
        other.show_run(scene.run, kept)
    assert other.heading.cautions.lines[0] == IN_USE
    assert not other.choice.use_button.isEnabled()


def test_what_the_model_knows_is_measured_and_kept_with_it(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    beside = likeness_beside(scene.run / "best.safetensors")
    likeness = {
        "lines": [{**PROGRESS, "what": "looking at training radiographs"}],
        "writes": str(beside),
        "content": "known",
    }
    scene.script(compare={"lines": [said(answers(scene.run, scene.used))]}, likeness=likeness)
    scene.judge(scene.used)
    words: list[str] = []
    monkeypatch.setattr(scene.page.choice, "show_busy", words.append)
    with scene.qtbot.waitSignal(scene.page.use_model, timeout=LONG_MS) as signal:
        scene.page.use()
    assert words == ["Keeping the model…", "Keeping the model: looking at training radiographs, 3 of 60…"]
    assert likeness_beside(signal.args[0]).read_text() == "known"
    assert scene.page.banner.isHidden()
    models.remove_model(signal.args[0])
    assert [path.name for path in (scene.folder / "models").iterdir() if not path.name.startswith(".")] == []


def test_a_model_whose_knowledge_cannot_be_measured_is_used_all_the_same_and_it_is_said(scene: Scene) -> None:
    sentence = "The radiographs of this run are no longer where they were."
    scene.script(compare={"lines": [said(answers(scene.run, scene.used))]}, likeness={"sentence": sentence})
    scene.judge(scene.used)
    with scene.qtbot.waitSignal(scene.page.use_model, timeout=LONG_MS):
        scene.page.use()
    assert scene.page.banner.text == f"{UNMEASURED} {sentence}"


def test_leaving_the_page_ends_the_measuring(scene: Scene) -> None:
    scene.script(compare={"lines": [said(answers(scene.run, scene.used))]}, likeness={"hang": True})
    scene.judge(scene.used)
    scene.page.use()
    scene.qtbot.waitUntil(lambda: bool(child._running), timeout=LONG_MS)
    scene.page.leave()
    assert jobs.close_all()
    assert not child._running


def test_a_model_that_cannot_be_kept_says_why_and_can_be_tried_again(scene: Scene) -> None:
    scene.script(compare={"lines": [said(answers(scene.run, scene.used))]})
    scene.judge(scene.used)
    (scene.folder / "models").write_text("in the way")
    with scene.qtbot.waitSignal(scene.page.failed, timeout=LONG_MS) as failed:
        scene.page.use()
    assert "cannot be written to" in failed.args[0]
    assert scene.page.banner.text == failed.args[0]
    (scene.folder / "models").unlink()
    with scene.qtbot.waitSignal(scene.page.use_model, timeout=LONG_MS):
        scene.page.use()


def test_a_run_that_went_on_or_vanished_meanwhile_is_not_kept(scene: Scene) -> None:
    scene.script(compare={"lines": [said(answers(scene.run, scene.used))]})
    scene.judge(scene.used)
    small.write_model(
        scene.run / "best.safetensors", members=1, name="newer", label_mean_months=50.0, architecture="baseline"
    )
    with scene.qtbot.waitSignal(scene.page.failed, timeout=LONG_MS) as failed:
        scene.page.use()
    assert "newer best model" in failed.args[0]
    (scene.run / "best.safetensors").unlink()
    with scene.qtbot.waitSignal(scene.page.failed, timeout=LONG_MS) as failed:
        scene.page.use()
    assert "moved or deleted" in failed.args[0]
    assert models.own_models(scene.folder / "models") == []


def test_a_run_without_a_model_is_no_verdict(scene: Scene) -> None:
    with scene.qtbot.waitSignal(scene.page.failed, timeout=LONG_MS) as failed:
        scene.page.show_run(scene.folder / "gone", scene.used)
    assert "has no model" in failed.args[0]
    assert scene.page.working.detail.text() == failed.args[0]
    assert scene.page.working.again_button.isVisible()
    assert not scene.page.choice.use_button.isEnabled()


def test_a_comparison_can_be_stopped_begun_again_and_left(scene: Scene) -> None:
    comparison = answers(scene.run, scene.used)
    scene.script(compare={"lines": [PROGRESS], "hang": True})
    scene.page.show_run(scene.run, scene.used)
    scene.qtbot.waitUntil(lambda: "3 of 60" in scene.page.working.detail.text(), timeout=LONG_MS)
    scene.page.working.stop_button.click()
    assert scene.page.working.detail.text() == "The comparison was stopped."
    scene.script(compare={"lines": [said(comparison)]})
    with scene.qtbot.waitSignal(scene.page.shown, timeout=LONG_MS):
        scene.page.working.again_button.click()
    scene.script(compare={"lines": [PROGRESS], "hang": True})
    other = VerdictPage()
    scene.qtbot.addWidget(other)
    other.show_run(scene.run, scene.used)
    other.leave()  # before the child has begun: nothing stays behind (the fixture of threads looks)


def test_page_and_figures_are_saved(scene: Scene) -> None:
    scene.script(compare={"lines": [said(answers(scene.run, scene.used))]})
    scene.judge(scene.used)
    scene.page.save_page(scene.folder / "page.pdf")
    scene.qtbot.waitUntil(lambda: "page.pdf" in scene.page.choice.said.text(), timeout=LONG_MS)
    assert (scene.folder / "page.pdf").read_bytes().startswith(b"%PDF")
    scene.page.save_pictures(scene.folder / "figures")
    scene.qtbot.waitUntil(lambda: "figures" in scene.page.choice.said.text(), timeout=LONG_MS)
    assert {path.name for path in (scene.folder / "figures").iterdir()} == {
        "figure-4.png", "bland-altman.png", "error-by-age.png", "curves.png",
    }  # fmt: skip
    (scene.folder / "taken").write_text("")
    with scene.qtbot.waitSignal(scene.page.failed, timeout=LONG_MS) as failed:
        scene.page.save_page(scene.folder / "taken" / "page.pdf")
    assert "could not be written" in failed.args[0]


def test_the_table_is_copied_with_the_keys(scene: Scene) -> None:
    scene.script(compare={"lines": [said(answers(scene.run, scene.used))]})
    scene.judge(scene.used)
    scene.page.table.selectAll()
    QTest.keyClick(scene.page.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == len(scene.page.table.rows)
    assert lines[1].split("\t")[1:4] == ["New", "60", scene.page.table.rows[1].cells[0]]


def test_every_control_is_named_and_reached_by_tab_and_the_theme_is_followed(scene: Scene) -> None:
    scene.script(compare={"lines": [said(answers(scene.run, scene.used))]})
    scene.judge(scene.used)
    for button in scene.page.choice.findChildren(QAbstractButton):
        assert button.accessibleName()
        assert "(Alt+" in button.toolTip()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    dark = scene.page.table.item(1, 1)
    assert dark is not None
    before = dark.foreground().color()
    application = QGuiApplication.instance()
    theme.apply(application, theme.LIGHT)  # type: ignore[arg-type]
    try:
        scene.page.restyle()
        light = scene.page.table.item(1, 1)
        assert light is not None
        assert light.foreground().color() != before
    finally:
        theme.apply(application, theme.DARK)  # type: ignore[arg-type]


def test_a_wide_page_has_its_figures_in_two_columns(scene: Scene) -> None:
    scene.script(compare={"lines": [said(answers(scene.run, scene.used))]})
    scene.judge(scene.used)
    figures = scene.page.figures

    def columns() -> int:
        return len({view.mapTo(figures, QPoint(0, 0)).x() for view in figures.views.values()})

    scene.qtbot.waitUntil(lambda: columns() == 1, timeout=LONG_MS)
    scene.page.resize(1920, 1080)
    scene.qtbot.waitUntil(lambda: columns() == 2, timeout=LONG_MS)


def test_answers_of_another_model_do_not_become_the_card(scene: Scene) -> None:
    with pytest.raises(CheckpointError, match="newer best model"):
        models.keep_model(scene.run, a_comparison(), scene.folder / "models")
