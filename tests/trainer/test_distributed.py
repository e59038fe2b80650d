"""Two processes over gloo: what they share, and that their step is that of one process with the doubled batch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainer.distributed import ALONE, Group, group_of_torchrun, weight_of_share
from trainer.errors import RunError

# One step of the real network on some of eight cases; prints what the step left behind.
STEP = """
import json
import numpy as np
import torch
from trainer.distributed import group_of_torchrun, spread, weight_of_share
from trainer.networks import build

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)  # sums in another order differ by rounding alone


def step_twice(group):
    torch.manual_seed(3)
    network = build("baseline")
    inputs, ages = torch.randn(8, 1, 64, 64), torch.randn(8)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    stepping = spread(network, group)
    for _ in range(2):
        chosen = torch.from_numpy(group.share(np.arange({cases})))
        optimizer.zero_grad()
        answer = stepping(inputs[chosen], torch.zeros(len(chosen)))
        loss = torch.nn.functional.mse_loss(answer, ages[chosen])
        (loss * weight_of_share(len(chosen), {cases}, group)).backward()
        optimizer.step()
    return network, chosen


with group_of_torchrun() as group:
    network, chosen = step_twice(group)
    sums = group.sums([float(len(chosen)), 0.5])
    joined = group.joined(chosen.numpy().astype(float))
    if group.writes:
        state = {{name: value.double().sum().item() for name, value in network.state_dict().items()}}
        spreads = {{name: value.double().std(unbiased=False).item() for name, value in network.state_dict().items()}}
        print(json.dumps({{"sums": sums, "joined": joined.tolist(), "state": state, "spread": spreads}}))
"""


def steps_of(processes: int, cases: int, port: int) -> dict[str, Any]:
    """Run the step in some processes, as torchrun would start them."""
    children = []
    for rank in range(processes):
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        if processes > 1:
            environment |= {
                "RANK": str(rank),
                "LOCAL_RANK": str(rank),
                "WORLD_SIZE": str(processes),
                "MASTER_ADDR": "127.0.0.1",
                "MASTER_PORT": str(port),
            }
        command = [sys.executable, "-c", STEP.format(cases=cases)]
        children.append(
            subprocess.Popen(
                command,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                cwd=Path(__file__).parents[2],
            )
        )
    outputs = [child.communicate(timeout=300) for child in children]
    assert all(child.returncode == 0 for child in children), outputs
    found: dict[str, Any] = json.loads(outputs[0][0].strip().splitlines()[-1])
    return found


@pytest.mark.parametrize("cases", [pytest.param(8, id="even shares"), pytest.param(7, id="uneven shares")])
def test_the_step_of_two_processes_is_that_of_one_with_the_doubled_batch(cases: int, free_port: int) -> None:
    alone, two = steps_of(1, cases, free_port), steps_of(2, cases, free_port)
    assert two["sums"] == [cases, 1.0]
    assert two["joined"] == [float(case) for case in range(cases)]
    for kind in ("state", "spread"):
        for name, value in alone[kind].items():
            assert two[kind][name] == pytest.approx(value, rel=1e-9, abs=1e-9), name


def test_shares_cover_a_step_once_and_differ_by_one_case_at_most() -> None:
    indices = np.arange(11)
    shares = [Group(rank=rank, size=4).share(indices) for rank in range(4)]
    assert np.concatenate(shares).tolist() == indices.tolist()
    assert {len(share) for share in shares} == {2, 3}


def test_a_process_alone_shares_with_nobody() -> None:
    assert ALONE.writes
    assert ALONE.sums([1.5, 2.0]) == [1.5, 2.0]
    assert ALONE.share(np.arange(3)).tolist() == [0, 1, 2]
    assert weight_of_share(8, 8, ALONE) == 1.0


@pytest.mark.parametrize(
    ("device", "gpus", "answer"),
    [
        ("auto", 2, True),
        ("cuda", 2, True),
        ("auto", 1, False),
        ("cpu", 2, False),
        ("cuda:1", 2, False),
        ("auto", 0, False),
    ],
)
def test_all_processes_of_a_machine_choose_how_they_talk_alike(
    monkeypatch: pytest.MonkeyPatch, device: str, gpus: int, answer: bool
) -> None:
    """NCCL needs a GPU for each; with fewer, or on the CPU as asked, they all take gloo."""
    told: list[str] = []

    def join(backend: str, **_: object) -> None:
        told.append(backend)
        raise RuntimeError("far enough")

    monkeypatch.setattr("torch.cuda.is_available", lambda: gpus > 0)
    monkeypatch.setattr("torch.cuda.device_count", lambda: gpus)
    monkeypatch.setattr("torch.cuda.set_device", lambda _: None)
    monkeypatch.setattr("trainer.distributed._store_of_this_start", lambda: None)
    monkeypatch.setattr("torch.distributed.init_process_group", join)
    for rank in ("0", "1"):
        for name, value in {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "RANK": rank, "LOCAL_RANK": rank}.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(RunError), group_of_torchrun(device):
            pass
    assert told == ["nccl" if answer else "gloo"] * 2
