"""Whole files: whoever else writes one at the same time, it is always one of them, and whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from trainer.whole_file import write_whole


def test_threads_may_write_one_file_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    texts = [letter * 20_000 for letter in "abcd"]

    def write(text: str) -> None:
        for _ in range(20):
            write_whole(folder / "x.json", text)
            assert (folder / "x.json").read_text() in texts

    with ThreadPoolExecutor(len(texts)) as pool:
        list(pool.map(write, texts))
    assert [path.name for path in folder.iterdir()] == ["x.json"]
    (folder / "plain").write_text("")
    assert (folder / "x.json").stat().st_mode == (folder / "plain").stat().st_mode
