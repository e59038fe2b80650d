"""What `make` sets up: system libraries looked for and installed where allowed, commands, licences."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution, entry_points
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SCRIPT = ROOT / ".ci" / "system-libraries"
# What a system without Qt's libraries answers `ldconfig -p`; each test adds to it.
SOME = "libEGL.so.1 (libc6,x86-64) => /usr/lib/libEGL.so.1"

needs_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux alone needs system libraries")


def _set_up(folder: Path, **commands: str) -> tuple[int, str]:
    """Run the script where these shell one-liners stand in for the system's own commands."""
    for name, body in {"python": "exit 0", **commands}.items():
        file = folder / name.replace("_", "-")
        file.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        file.chmod(0o755)
    ended = subprocess.run(
        [SCRIPT],
        env={"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "PYTHON": str(folder / "python")},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return ended.returncode, ended.stdout + ended.stderr


def _every_library() -> str:
    names = re.findall(r"^(lib\S+\.so\.\d+)\s+lib", SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(names) > 10
    return "echo '" + "\n".join(f"\t{name} (libc6,x86-64) => /usr/lib/{name}" for name in names) + "'"


@needs_linux
def test_a_complete_system_is_left_in_peace(tmp_path: Path) -> None:
    assert _set_up(tmp_path, ldconfig=_every_library(), apt_get="echo called") == (0, "")


@needs_linux
def test_root_gets_what_is_missing_and_nothing_else(tmp_path: Path) -> None:
    log = tmp_path / "log"
    status, words = _set_up(tmp_path, ldconfig=f"echo '{SOME}'", id="echo 0", apt_get=f'echo "$@" >> {log}')
    assert status == 0
    assert "Please type" not in words
    update, install = log.read_text(encoding="utf-8").splitlines()
    assert update.startswith("update")
    assert "libxcb-cursor0" in install
    assert "libegl1" not in install


@needs_linux
def test_who_may_not_install_reads_the_line_to_type(tmp_path: Path) -> None:
    status, words = _set_up(tmp_path, ldconfig=f"echo '{SOME}'", id="echo 1000", sudo="exit 1", apt_get="echo called")
    assert status == 0
    assert re.search(r"^ +sudo apt-get install .*libxkbcommon0", words, re.MULTILINE)
    assert "called" not in words


@needs_linux
def test_an_install_that_fails_goes_on_with_the_line_to_type(tmp_path: Path) -> None:
    status, words = _set_up(tmp_path, ldconfig=f"echo '{SOME}'", id="echo 0", apt_get="exit 100")
    assert status == 0
    assert "sudo apt-get install" in words


@needs_linux
def test_a_python_without_venv_asks_for_it(tmp_path: Path) -> None:
    status, words = _set_up(
        tmp_path, ldconfig=_every_library(), python="exit 1", id="echo 1000", sudo="exit 1", apt_get="exit 1"
    )
    assert status == 0
    assert "sudo apt-get install python3-venv\n" in words


def _stand_in(folder: Path, name: str, body: str) -> Path:
    """A command of this name that appends its arguments, in brackets, to ``folder/log`` and does ``body``."""
    file = folder / name
    file.write_text(f"""#!/bin/sh\nprintf '[%s]' "$@" >> {folder}/log\n{body}\n""", encoding="utf-8")
    file.chmod(0o755)
    return folder / "log"


@needs_linux
@pytest.mark.parametrize(
    ("display", "arguments"),
    [("", "[--screenshot][out/window.png][a hand.dcm]offscreen"), (":7", "[a hand.dcm]")],
)
def test_make_run_opens_the_file_or_pictures_the_window(display: str, arguments: str, tmp_path: Path) -> None:
    log = _stand_in(tmp_path, "boneage-gui", f'printf "$QT_QPA_PLATFORM" >> {tmp_path}/log')
    environment = {key: value for key, value in os.environ.items() if key not in ("WAYLAND_DISPLAY", "MAKEFLAGS")}
    environment.pop("QT_QPA_PLATFORM", None)
    ended = subprocess.run(
        ["make", "--old-file=install", "run", f"BIN={tmp_path}", "FILE=a hand.dcm"],
        cwd=ROOT,
        env={**environment, "DISPLAY": display},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert ended.returncode == 0, ended.stderr
    assert log.read_text(encoding="utf-8") == arguments
    assert ("No display" in ended.stdout) == (not display)


@needs_linux
@pytest.mark.parametrize(("answer", "asked"), [("exit 0", "[lint][test]"), ("exit 2", "[lint]")])
def test_continuous_integration_lints_then_tests_and_stops_at_a_failure(
    answer: str, asked: str, tmp_path: Path
) -> None:
    log = _stand_in(tmp_path, "make", answer)
    ended = subprocess.run(
        [ROOT / ".ci" / "run"],
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert (ended.returncode == 0) == (answer == "exit 0")
    assert log.read_text(encoding="utf-8") == asked


@pytest.mark.parametrize("name", ["boneage", "boneage-gui"])
def test_the_commands_lead_somewhere(name: str) -> None:
    (command,) = entry_points(group="console_scripts", name=name)
    assert callable(command.load())


@pytest.mark.parametrize("requirement", [*map(Requirement, PROJECT["dependencies"])], ids=str)
def test_no_gpl_among_the_dependencies(requirement: Requirement) -> None:
    """GPL in the licence expression or the classifiers, unless LGPL is offered beside it."""
    if requirement.marker is not None and not requirement.marker.evaluate():
        pytest.skip("not installed on this Python")
    words = distribution(requirement.name).metadata
    named = list(words.get_all("Classifier", []))
    for field in ("License-Expression", "License"):
        if field in words:
            # An old-style field may hold the whole text of a licence; its first line names it.
            named.append(words[field].partition("\n")[0])
    terms = " ".join(named)
    assert terms
    assert "GPL" not in terms or "LGPL" in terms


def test_torch_is_not_pinned_to_a_build() -> None:
    assert not [requirement for requirement in PROJECT["dependencies"] if "+" in requirement]
