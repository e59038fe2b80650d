"""Model files: whole or refused with one sentence, and written so that the old one survives."""

from __future__ import annotations

import ast
import errno
import json
import os
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.trainer import small
from trainer.card import METADATA_KEY, read_card
from trainer.checkpoint import (
    load_checkpoint,
    read_tensors,
    save_checkpoint,
    tensors_sha256,
    write_tensors,
)
from trainer.errors import CheckpointError
from trainer.networks import build
from trainer.predictor import Predictor
from trainer.whole_file import remove_parts

pytestmark = pytest.mark.usefixtures("small_backbone")
TRAINER = Path(__file__).parents[2] / "trainer"


def _refused(path: Path, words: str = r"\.$") -> str:
    """The one sentence with which loading is refused; the card alone may be readable."""
    with pytest.raises(CheckpointError, match=words) as caught:
        Predictor.load(path)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def _rewritten(
    path: Path, change: Callable[[dict[str, Tensor], dict[str, Any]], object], *, rehash: bool = True
) -> Path:
    """Change a model's tensors and card and write it again, with the hash put right as a forger would."""
    tensors = load_file(path)
    values = read_card(path).to_json()
    change(tensors, values)
    if rehash:
        values["weights_sha256"] = tensors_sha256(tensors)
    save_file(tensors, path, metadata={METADATA_KEY: json.dumps(values)})
    return path


def test_a_model_survives_its_file(tmp_path: Path) -> None:
    networks = small.networks()
    card = save_checkpoint(tmp_path / "model.safetensors", networks, small.card())
    loaded, again = load_checkpoint(tmp_path / "model.safetensors")
    assert again == card
    assert card.members == 2
    assert len(card.weights_sha256) == 64
    for before, after in zip(networks, loaded, strict=True):
        assert not after.training
        for name, value in before.state_dict().items():
            assert torch.equal(value, after.state_dict()[name])


def test_a_real_resnet_survives_its_file_in_half_precision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    torch.manual_seed(0)
    network = build("improved").eval()
    path = tmp_path / "model.safetensors"
    save_checkpoint(path, [network], small.card("improved"), half=True)
    assert path.stat().st_size < 24_000_000
    (loaded,), _ = load_checkpoint(path)
    assert {value.dtype for value in loaded.state_dict().values()} == {torch.float32, torch.int64}
    for name, value in network.state_dict().items():
        rounded = value.half().float() if value.is_floating_point() else value
        assert torch.equal(loaded.state_dict()[name], rounded)


def test_the_same_weights_have_the_same_hash_and_others_another(tmp_path: Path) -> None:
    first = save_checkpoint(tmp_path / "a.safetensors", small.networks(), small.card())
    again = save_checkpoint(tmp_path / "b.safetensors", small.networks(), small.card())
    half = save_checkpoint(tmp_path / "c.safetensors", small.networks(), small.card(), half=True)
    assert first.weights_sha256 == again.weights_sha256 != half.weights_sha256
    # Not the same bytes: safetensors orders the entries of its metadata by chance.
    assert read_card(tmp_path / "a.safetensors") == read_card(tmp_path / "b.safetensors")


def test_the_hash_covers_names_types_shapes_and_bytes() -> None:
    plain = {"a": torch.arange(4.0)}
    others = [
        {"b": torch.arange(4.0)},
        {"a": torch.arange(4.0).half()},
        {"a": torch.arange(4.0).reshape(2, 2)},
        {"a": torch.arange(4.0) + torch.tensor([0, 0, 0, 1e-6])},
        {"a": torch.arange(4.0), "b": torch.zeros(0)},
    ]
    assert len({tensors_sha256(tensors) for tensors in (plain, *others)}) == 6
    assert tensors_sha256({"a": torch.arange(8.0)[::2]}) == tensors_sha256({"a": torch.arange(8.0)[::2].clone()})


def test_one_changed_byte_anywhere_in_the_weights_is_noticed(model_file: Path) -> None:
    whole = model_file.read_bytes()
    start = 8 + struct.unpack("<Q", whole[:8])[0]
    for place in (start, start + (len(whole) - start) // 3, len(whole) - 1):
        broken = bytearray(whole)
        broken[place] ^= 1
        model_file.write_bytes(broken)
        _refused(model_file, "the file was changed")


def test_a_file_cut_off_anywhere_is_refused(model_file: Path) -> None:
    whole = model_file.read_bytes()
    header = 8 + struct.unpack("<Q", whole[:8])[0]
    lengths = {0, 1, 7, 8, 9, header // 2, header - 1, header, header + 1, len(whole) - 1}
    lengths |= {len(whole) * tenth // 10 for tenth in range(1, 10)}
    for length in sorted(lengths):
        model_file.write_bytes(whole[:length])
        _refused(model_file)
    model_file.write_bytes(whole + b"\x00")
    _refused(model_file)


def test_a_changed_card_is_refused_by_hash_fit_or_self_test(model_file: Path) -> None:
    whole = model_file.read_bytes()

    def with_card(**changes: Any) -> Path:
        model_file.write_bytes(whole)
        return _rewritten(model_file, lambda _, values: values.update(changes), rehash=False)

    _refused(with_card(weights_sha256="0" * 64), "the file was changed")
    _refused(with_card(architecture="improved"), "do not fit")
    _refused(with_card(architecture="resnet50"), "do not fit")
    _refused(with_card(members=1), "do not fit")
    _refused(with_card(members=3), "do not fit")
    _refused(with_card(uses_sex=False), "do not fit")
    _refused(with_card(label_mean_months=140.0), "self-test")
    _refused(with_card(label_std_months=80.0), "self-test")
    _refused(with_card(self_test_months=-1000.0), "self-test")


def test_one_changed_digit_in_the_card_is_noticed(model_file: Path) -> None:
    """The measured figures are of no use where anybody's editor may have touched them."""
    whole = model_file.read_bytes()
    assert whole.count(b'\\"q95\\": 30.0') == 1
    model_file.write_bytes(whole.replace(b'\\"q95\\": 30.0', b'\\"q95\\": 10.0'))
    _refused(model_file, "the file was changed")
    with pytest.raises(CheckpointError, match="the file was changed"):
        read_card(model_file)


def test_forged_weights_are_refused_even_with_the_right_hash(model_file: Path) -> None:
    whole = model_file.read_bytes()

    def forged(change: Callable[[dict[str, Tensor]], object]) -> Path:
        model_file.write_bytes(whole)
        return _rewritten(model_file, lambda tensors, _: change(tensors))

    name = "member0.backbone.conv1.weight"
    _refused(forged(lambda tensors: tensors.pop(name)), "do not fit")
    _refused(forged(lambda tensors: tensors.update({"member0.spare": torch.zeros(3)})), "do not fit")
    _refused(forged(lambda tensors: tensors.update({"member7.spare": torch.zeros(3)})), "do not fit")
    _refused(forged(lambda tensors: tensors.update({"spare": torch.zeros(3)})), "do not fit")
    _refused(forged(lambda tensors: tensors.update({name: torch.zeros(2, 2)})), "do not fit")
    _refused(forged(lambda tensors: tensors.update({name: torch.full_like(tensors[name], torch.nan)})), "not numbers")
    _refused(forged(lambda tensors: tensors.update({name: torch.full_like(tensors[name], torch.inf)})), "not numbers")
    _refused(forged(lambda tensors: tensors.update({name: tensors[name].double()})), "not read")
    _refused(forged(lambda tensors: tensors.update({name: tensors[name].to(torch.complex64)})), "not read")
    _refused(forged(lambda tensors: tensors.update({name: tensors[name] * 30})), "self-test")


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "foreign.safetensors"
    save_file({"weight": torch.zeros(3)}, path)
    _refused(path, "no model card")
    save_file({"weight": torch.zeros(3)}, path, metadata={"format": "pt"})
    _refused(path, "no model card")
    save_file({}, path, metadata={METADATA_KEY: "{}"})
    _refused(path, "format")
    path.write_bytes(b"\x80\x04\x95 pickled")
    _refused(path, "not a model")
    _refused(tmp_path / "missing.safetensors", "cannot be opened")
    _refused(tmp_path, "cannot be opened")


def _with_header(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    whole = path.read_bytes()
    size = struct.unpack("<Q", whole[:8])[0]
    header = json.loads(whole[8 : 8 + size])
    change(header)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + whole[8 + size :])
    return path


def test_a_header_that_lies_about_its_tensors_is_refused(model_file: Path) -> None:
    whole = model_file.read_bytes()
    name = "member0.backbone.conv1.weight"
    lies: list[Callable[[dict[str, Any]], object]] = [
        lambda header: header[name].update(shape=[2**40, 2**40]),
        lambda header: header[name].update(shape=[-1]),
        lambda header: header[name].update(shape=["a"]),
        lambda header: header[name].update(dtype="F128"),
        lambda header: header[name].update(dtype="F8_E4M3"),
        lambda header: header[name].update(data_offsets=[0, 2**62]),
        lambda header: header[name].update(data_offsets=[8, 4]),
        lambda header: header.update({name: 5}),
        lambda header: header.update({f"bomb{index}": header[name] for index in range(50_000)}),
        lambda header: header.update({"__metadata__": {**header["__metadata__"], "more": "x" * 9_000_000}}),
    ]
    for lie in lies:
        model_file.write_bytes(whole)
        _refused(_with_header(model_file, lie))


def test_a_card_as_large_as_the_limit_is_refused_before_it_is_read(model_file: Path) -> None:
    huge = replace(read_card(model_file), data={"description": "x" * 9_000_000})
    save_checkpoint(model_file, small.networks(), huge)
    _refused(model_file, "not a model")


@pytest.mark.parametrize("failing", ["fsync", "write", "replace"])
def test_a_failing_disk_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path = tmp_path / "model.safetensors"
    write_tensors(path, {"a": torch.zeros(4)}, {"is": "old"})
    old = path.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if failing == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    elif failing == "replace":
        monkeypatch.setattr(Path, "replace", full)
    else:
        usual = Path.open

        class Full:
            """A file on a full disk."""

            def __init__(self, *arguments: Any) -> None:
                self.file: Any = usual(*arguments)
                self.write = full

            def __enter__(self) -> Full:
                return self

            def __exit__(self, *_: object) -> None:
                self.file.write(b"half a fi")
                self.file.close()

        monkeypatch.setattr(Path, "open", lambda *arguments: Full(*arguments))  # noqa: PLW0108 - a class does not bind
    with pytest.raises(OSError, match="No space left"):
        write_tensors(path, {"a": torch.ones(4)}, {"is": "new"})
    monkeypatch.undo()
    assert path.read_bytes() == old
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == [path.name]


def test_what_a_killed_writer_left_is_cleared_away(tmp_path: Path) -> None:
    path = tmp_path / "model[1].safetensors"
    left, written = tmp_path / f".{path.name}.999999999-ab.part", tmp_path / f".{path.name}.0123456789abcdef.part"
    used = tmp_path / f".{path.name}.{os.getppid()}-ab.part"  # of a process that runs; the clock was set forward
    others = tmp_path / ".other.safetensors.999999999.part"
    for part in (left, written, used, others):
        part.write_bytes(b"half")
    for part in (left, used, others):
        os.utime(part, (1, 1))
    write_tensors(path, {"a": torch.zeros(4)}, {})
    files = {entry.name for entry in tmp_path.iterdir() if entry.is_file()}
    assert files == {path.name, written.name, used.name, others.name}, "what another process writes now is its own"
    remove_parts(path, unused_s=0.0)
    assert not written.exists()
    assert not used.exists()


def test_tensors_and_their_metadata_survive(tmp_path: Path) -> None:
    tensors = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.tensor(5), "c": torch.zeros(0)}
    write_tensors(tmp_path / "t.safetensors", tensors, {"word": "ü"})
    again, metadata = read_tensors(tmp_path / "t.safetensors")
    assert metadata == {"word": "ü"}
    assert {name: value.tolist() for name, value in again.items()} == {
        name: value.tolist() for name, value in tensors.items()
    }


def test_nothing_is_pickled_anywhere() -> None:
    forbidden = {"pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}
    for path in TRAINER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not forbidden & {name.partition(".")[0] for name in names}, path
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "torch":
                assert node.attr not in ("load", "save"), path
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert isinstance(node.value, ast.Constant)
                assert node.value.value is False, path
