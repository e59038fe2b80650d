"""The inbox alone: what was received is found, moved and forgotten by names of ours, and held by one program."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from boneage_gui.clinic.dicom_node.inbox import Inbox, Refused
from boneage_gui.clinic.dicom_node.node import NodeError
from tests.gui.clinic.pacs.conftest import named


def test_a_file_goes_from_waiting_to_kept_and_is_found_by_its_hash(inbox: Inbox) -> None:
    path, is_new = inbox.take_in(b"radiograph")
    assert (is_new, inbox.waiting()) == (True, [path])
    kept = inbox.keep(path)
    assert (inbox.waiting(), inbox.kept(named(b"radiograph"))) == ([], kept)
    assert kept.read_bytes() == b"radiograph"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert inbox.keep(kept) == kept  # once more is no harm
    assert inbox.take_in(b"radiograph") == (kept, False)


def test_what_is_refused_is_kept_with_its_sentence(inbox: Inbox) -> None:
    path, _ = inbox.take_in(b"no radiograph")
    aside = inbox.refuse(path, "This is no radiograph.")
    assert inbox.refused() == [Refused(aside, "This is no radiograph.")]
    assert inbox.waiting() == []
    inbox.forget(aside)
    assert inbox.refused() == []
    assert inbox.used_bytes == 0
    assert not list(aside.parent.iterdir())


def test_a_refused_file_whose_sentence_is_gone_is_still_there_to_be_removed(inbox: Inbox) -> None:
    aside = [inbox.refuse(inbox.take_in(b"%d" % number)[0], "No radiograph.") for number in range(2)]
    aside[0].with_suffix(".txt").unlink()
    assert inbox.refused() == [Refused(aside[0], ""), Refused(aside[1], "No radiograph.")]
    inbox.forget(aside[0])
    assert [one.path for one in inbox.refused()] == aside[1:]


def test_what_was_refused_is_read_again_when_it_is_sent_again(inbox: Inbox) -> None:
    aside = inbox.refuse(inbox.take_in(b"radiograph")[0], "There was not enough memory. Send it again.")
    other = inbox.take_in(b"another")[0]
    path, is_new = inbox.take_in(b"radiograph")
    assert (is_new, set(inbox.waiting()), inbox.refused()) == (True, {other, path}, [])
    assert not list(aside.parent.iterdir())
    assert inbox.used_bytes == len(b"radiograph") + len(b"another")
    assert inbox.take_in(b"radiograph") == (path, False)


def test_of_a_file_that_is_gone_no_sentence_stays_behind(inbox: Inbox) -> None:
    aside = inbox.refuse(inbox.take_in(b"no radiograph")[0], "This is no radiograph.")
    with pytest.raises(NodeError, match="cannot be moved or removed"):
        inbox.refuse(inbox.folder / "received" / aside.name, "It can no longer be read.")
    with pytest.raises(NodeError, match="cannot be moved or removed"):
        inbox.refuse(inbox.folder / "received" / "gone.dcm", "It can no longer be read.")
    assert inbox.refused() == [Refused(aside, "This is no radiograph.")]
    assert sorted(aside.parent.iterdir()) == [aside, aside.with_suffix(".txt")]
    aside.unlink()  # as a program that was killed leaves a sentence
    inbox.close()
    inbox.open()
    assert not list(aside.parent.iterdir())


def test_nothing_outside_is_found_or_forgotten(inbox: Inbox, tmp_path: Path) -> None:
    outside = tmp_path / "x.dcm"
    outside.write_bytes(b"x")
    assert inbox.kept("../../x") is None
    assert inbox.kept("") is None
    with pytest.raises(NodeError, match="does not lie in the inbox"):
        inbox.forget(outside)
    assert outside.exists()


def test_the_oldest_is_read_first(inbox: Inbox) -> None:
    taken = [inbox.take_in(b"radiograph %d" % number)[0] for number in range(5)]
    assert inbox.waiting() == taken


def test_one_program_holds_it(inbox: Inbox) -> None:
    (inbox.folder / "received" / ".0.part").write_bytes(b"of the first program")
    second = Inbox(inbox.folder, named)
    with pytest.raises(NodeError, match="Another program receives"):
        second.open()
    assert (inbox.folder / "received" / ".0.part").exists()
    inbox.close()
    second.open()
    assert not (inbox.folder / "received" / ".0.part").exists()
    second.close()


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NodeError, match="cannot be used"):
        Inbox(tmp_path / "file" / "inbox", named).open()


def test_a_file_that_is_gone_is_a_sentence(inbox: Inbox) -> None:
    path, _ = inbox.take_in(b"radiograph")
    path.unlink()
    for act in (inbox.keep, inbox.forget):
        with pytest.raises(NodeError, match="cannot be moved or removed"):
            act(path)
