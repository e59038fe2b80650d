"""Decoders for tests: one of the test's own, and one that does what a file's name says."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from boneage_gui.work import decoder_line
from boneage_gui.work.decoder import Decoder

NAUGHTY = (sys.executable, "-m", "tests.gui.naughty_decoder")


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    """A decoder of this test's own."""
    made = Decoder()
    yield made
    made.close()


@pytest.fixture
def naughty(monkeypatch: pytest.MonkeyPatch, decoder: Decoder) -> Decoder:
    """A decoder that does what a file's name says."""
    monkeypatch.setattr(decoder_line, "PROGRAM", NAUGHTY)
    return decoder
