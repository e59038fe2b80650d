"""``boneage receive``: listens for radiographs and reads each by itself; its readings wait in the worklist."""

from __future__ import annotations

import argparse
import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import platformdirs

from boneage_gui.clinic.reading import Reading, has_interval
from boneage_gui.clinic.reference import BRUSH, REFERENCES
from trainer.commands.models import beside_models, model_path
from trainer.errors import BoneAgeError, printable
from trainer.prediction import RESEARCH_USE, years_and_months

if TYPE_CHECKING:
    from boneage_gui.clinic.dicom_node.receive import Receiver
    from boneage_gui.work.pacs import Received

HELP: Final = "listen for radiographs (DICOM C-STORE) and read each by itself; the readings wait in the worklist"
LOOK_S: Final = 0.2
NAME_LETTERS: Final = 12


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("receive", help=HELP, description=f"{HELP[0].upper()}{HELP[1:]}. {RESEARCH_USE}.")
    parser.add_argument("--port", type=int, default=11_112, help="port to listen on (default: %(default)s)")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; by default this computer alone is heard"
    )
    parser.add_argument("--ae-title", default="BONEAGE", help="how we are called (default: %(default)s)")
    parser.add_argument(
        "--allow", nargs="+", action="extend", default=[], metavar="AET", help="AE titles that may call; else nobody"
    )
    parser.add_argument(
        "--folder", type=Path, help="folder of the inbox and the readings (default: those of the window)"
    )
    parser.add_argument("--model", help="a shipped model's name, or a file (default: the default model)")
    parser.add_argument(
        "--reference",
        choices=list(REFERENCES),
        default=BRUSH.key,
        help="table of standard deviations (default: %(default)s)",
    )
    parser.add_argument("--cert", default="", metavar="PEM", help="our certificate: TLS alone is spoken then")
    parser.add_argument("--key", default="", metavar="PEM", help="its key")
    parser.add_argument(
        "--ca", default="", metavar="PEM", help="who vouches for callers, where they must prove themselves"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Listen until told to end; what arrived and was not read waits for the next start."""
    from boneage_gui import work
    from boneage_gui.clinic.dicom_node.receiver_settings import ReceiverSettings
    from boneage_gui.work import pacs
    from boneage_gui.work.readings import open_readings

    settings = ReceiverSettings(
        ae_title=options.ae_title,
        host=options.host,
        port=options.port,
        allowed=tuple(options.allow),
        cert_file=options.cert,
        key_file=options.key,
        ca_file=options.ca,
    )
    folder = options.folder or _folder_of_the_window()
    with _told_to_end() as over:
        predictor = work.load_predictor(model_path(options.model), **beside_models())
        opened = open_readings(folder / "readings")
        inbox = pacs.open_inbox(folder / pacs.INBOX, settings, opened)
        try:
            receiver = pacs.start_receiver(settings, inbox)
            try:
                _say(f"Listening at {settings.host}:{receiver.port} as {settings.ae_title}.")
                if not settings.allowed:
                    _say("Nobody may call: name AE titles after --allow.")
                read = partial(
                    pacs.read_received,
                    predictor=predictor,
                    opened=opened,
                    inbox=inbox,
                    reference_key=options.reference,
                )
                _read_all(receiver, over, read, options.json)
            finally:
                receiver.stop()
        finally:
            inbox.close()
    return 0


def _read_all(receiver: Receiver, over: threading.Event, read: Callable[[Path], Received], as_json: bool) -> None:
    while not over.is_set():
        while receiver.notes:
            _say(receiver.notes.popleft())
        try:
            path = receiver.arrived.get(timeout=LOOK_S)
        except queue.Empty:
            continue
        try:
            received = read(path)
        except BoneAgeError as error:  # it still waits, and is read after the next start
            _say(f"{path.stem[:NAME_LETTERS]} was not read. {error}")
            continue
        print(json.dumps(_row(received)) if as_json else _line(received), flush=True)


def _row(received: Received) -> dict[str, Any]:
    reading = received.reading
    row: dict[str, Any] = {"file": received.path.name, "refused": received.problem or None}
    names = ("reading_id", "age_months", "low_months", "high_months", "coverage", "chronological_months", "sex")
    row |= dict.fromkeys((*names, "sds", "model", "model_sha256"))
    if reading is not None:
        measured = has_interval(reading)
        row |= {
            "reading_id": reading.reading_id,
            "age_months": round(reading.age_months, 3),
            "low_months": round(reading.low_months, 3) if measured else None,
            "high_months": round(reading.high_months, 3) if measured else None,
            "coverage": reading.coverage,
            "chronological_months": _rounded(reading.chronological_months),
            "sex": reading.sex.value if reading.sex else None,
            "sds": _rounded(reading.assessment.sds) if reading.assessment else None,
            "model": reading.model_name,
            "model_sha256": reading.model_sha256,
        }
    return row | {"known": received.known, "cautions": list(received.cautions), "note": f"{RESEARCH_USE}."}


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 3)


def _line(received: Received) -> str:
    name = received.path.stem[:NAME_LETTERS]
    if received.reading is None:
        return f"{name}  not read: {printable(received.problem)}"
    reading = received.reading
    model = f"{printable(reading.model_name)} {reading.model_sha256[:12]}"
    return (
        f"{name}  {years_and_months(reading.age_months):<20} {_interval(reading):<54} "
        f"sex {reading.sex.value if reading.sex else 'not given':<10} {model}. {RESEARCH_USE}."
    )


def _interval(reading: Reading) -> str:
    if not has_interval(reading):
        return "no interval"
    low, high = years_and_months(reading.low_months), years_and_months(reading.high_months)
    return f"{reading.coverage:.0%} interval {low} to {high}"


def _say(sentence: str) -> None:
    print(f"boneage: {printable(sentence)}", file=sys.stderr, flush=True)


def _folder_of_the_window() -> Path:
    """Return where the window keeps its readings; its own word for it lives among Qt."""
    home = os.environ.get("BONEAGE_HOME")
    return Path(home) if home else Path(platformdirs.user_data_dir("boneage", appauthor=False))


@contextmanager
def _told_to_end() -> Iterator[threading.Event]:
    """Give an event that is set by Ctrl-C and by a request to end."""
    over = threading.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: over.set()) for number in signals]
    try:
        yield over
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
