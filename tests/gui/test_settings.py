"""What is remembered between starts, and what becomes of bad values."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from boneage_gui.settings import (
    MOST_RECENT_FILES,
    Settings,
    SettingsFile,
    ThemeName,
    log_folder,
    settings_folder,
    with_recent,
)


def test_everything_comes_back(tmp_path: Path) -> None:
    kept = Settings(
        theme=ThemeName.LIGHT,
        model="baseline",
        panel_shown=False,
        thumbnails_shown=False,
        recent_files=(Path("/a/one, two.dcm"), Path("/b/ä.png")),
        last_folder=Path("/a"),
        window_geometry=b"\x00\x01geometry\xff",
    )
    SettingsFile(tmp_path).save(kept)
    assert SettingsFile(tmp_path).load() == kept


@pytest.mark.parametrize("recent", [(), (Path("/a/only.dcm"),)])
def test_few_recent_files_come_back(tmp_path: Path, recent: tuple[Path, ...]) -> None:
    SettingsFile(tmp_path).save(Settings(recent_files=recent))
    assert SettingsFile(tmp_path).load().recent_files == recent


def test_a_first_start_has_the_defaults(tmp_path: Path) -> None:
    assert SettingsFile(tmp_path).load() == Settings()


def test_bad_values_fall_back_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "boneage.ini").write_text(
        "[General]\ntheme=pink\npanel_shown=perhaps\nthumbnails_shown=false\nwindow_geometry=12\nmodel=baseline\n"
    )
    assert SettingsFile(tmp_path).load() == Settings(thumbnails_shown=False, model="baseline")


def test_a_file_of_garbage_is_a_first_start(tmp_path: Path) -> None:
    (tmp_path / "boneage.ini").write_bytes(bytes(range(256)) * 8)
    assert SettingsFile(tmp_path).load() == Settings()


def test_a_folder_that_cannot_be_written_is_no_reason_to_fail(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    SettingsFile(in_the_way / "below").save(Settings(theme=ThemeName.LIGHT))
    assert SettingsFile(in_the_way / "below").load() == Settings()


def test_the_newest_file_comes_first_and_once() -> None:
    settings = Settings()
    for number in [*range(MOST_RECENT_FILES + 3), 5]:
        settings = with_recent(settings, Path(f"/x/{number}.png"))
    assert settings.recent_files[0] == Path("/x/5.png")
    assert len(settings.recent_files) == len(set(settings.recent_files)) == MOST_RECENT_FILES
    assert settings.last_folder == Path("/x")


def test_a_test_has_its_own_folders(own_home: Path) -> None:
    assert settings_folder() == own_home
    assert log_folder() == own_home / "log"


def test_two_windows_leave_each_others_choices_alone(tmp_path: Path) -> None:
    SettingsFile(tmp_path).save(Settings(unfinished_run="mine", last_folder=tmp_path))
    one, other = SettingsFile(tmp_path), SettingsFile(tmp_path)
    first, second = one.load(), other.load()
    one.save(replace(first, reference="greulich-pyle", unfinished_run=""))
    other.save(replace(second, theme=ThemeName.LIGHT))
    other.save(replace(second, theme=ThemeName.LIGHT, window_geometry=b"closed"))
    kept = SettingsFile(tmp_path).load()
    assert kept == Settings(
        theme=ThemeName.LIGHT, reference="greulich-pyle", last_folder=tmp_path, window_geometry=b"closed"
    )


def test_a_folder_that_cannot_be_made_cannot_be_written(tmp_path: Path) -> None:
    assert SettingsFile(tmp_path / "new").can_be_written
    (tmp_path / "file").write_text("in the way")
    assert not SettingsFile(tmp_path / "file").can_be_written


@pytest.mark.skipif(os.name != "posix", reason="file permissions")
def test_names_of_files_are_their_owners_alone(tmp_path: Path) -> None:
    """Radiographs are often named after patients."""
    store = SettingsFile(tmp_path)
    store.save(Settings(recent_files=(Path("/a/Muster Anna.dcm"),)))
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    store.save(Settings(recent_files=(Path("/a/Muster Otto.dcm"),)))
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
