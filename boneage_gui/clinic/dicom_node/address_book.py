"""AddressBook: the other systems and the settings of our receiver, as one JSON file."""

from __future__ import annotations

import json
from dataclasses import MISSING, asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from boneage_gui.clinic.dicom_node.node import Node, NodeError
from boneage_gui.clinic.dicom_node.receiver_settings import ReceiverSettings
from trainer.errors import printable
from trainer.radiograph import shown_name
from trainer.whole_file import write_whole

VERSION: Final = 1
LARGEST_BYTES: Final = 1 << 20
LONGEST_NAME: Final = 40  # letters of a field's name, in a sentence
_WORDS: Final = {
    "str": "a text",
    "int": "a whole number",
    "bool": "true or false",
    "tuple[str, ...]": "a list of texts",
}

Kind = TypeVar("Kind", Node, ReceiverSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressBook:
    """Whom we know, and how we listen. Raises NodeError where two systems have one name."""

    nodes: tuple[Node, ...] = ()
    receiver: ReceiverSettings = field(default_factory=ReceiverSettings)

    def __post_init__(self) -> None:
        """Check that a name means one system."""
        names = [node.name for node in self.nodes]
        for name in names:
            if names.count(name) > 1:
                raise NodeError(f"Two systems are named “{name}”. Give each its own name.")

    def node(self, name: str) -> Node | None:
        """Return the system of a name."""
        return next((node for node in self.nodes if node.name == name), None)


def load_address_book(path: Path) -> AddressBook:
    """Read the file; where there is none, the book is empty. Raises NodeError, which names the field that is wrong."""
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        return AddressBook()
    except (OSError, UnicodeDecodeError) as error:
        raise NodeError(f"The list of DICOM systems, {path}, cannot be read. Put it back, or remove it.") from error
    try:
        return _book(_parsed(text))
    except NodeError as error:
        raise NodeError(f"The list of DICOM systems, {shown_name(path)}, is broken. {printable(str(error))}") from error


def save_address_book(book: AddressBook, path: Path) -> None:
    """Write the file, whole or not at all. Raises DataError."""
    data = {"version": VERSION, "nodes": [asdict(node) for node in book.nodes], "receiver": asdict(book.receiver)}
    write_whole(path, json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def put_aside(path: Path) -> Path | None:
    """Keep a file that cannot be read under another name, and return it; None where it is gone. Raises NodeError."""
    aside = path.with_name(f"broken-{datetime.now(UTC):%Y%m%d-%H%M%S}-{path.name}")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NodeError(
            f"The list of DICOM systems, {path}, cannot be read, and cannot be put aside for a new one: "
            f"{error.strerror}. Nothing was changed. Move it away, and try again."
        ) from error
    return aside


def _parsed(text: str) -> dict[str, Any]:
    if len(text) > LARGEST_BYTES:
        raise NodeError("It is far too large.")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NodeError("It is not JSON.") from error
    if not isinstance(data, dict):
        raise NodeError("It is not a JSON object.")
    return data


def _book(data: dict[str, Any]) -> AddressBook:
    if data.get("version") != VERSION:
        raise NodeError(f"Its version is not {VERSION}: it was written by another version of this program.")
    nodes = data.get("nodes", [])
    if not isinstance(nodes, list):
        raise NodeError("nodes must be a list.")
    return AddressBook(
        nodes=tuple(_read(Node, node, f"nodes[{index}]") for index, node in enumerate(nodes)),
        receiver=_read(ReceiverSettings, data.get("receiver", {}), "receiver"),
    )


def _read(kind: type[Kind], data: object, where: str) -> Kind:
    if not isinstance(data, dict):
        raise NodeError(f"{where} must be a JSON object.")
    known = {field.name: field for field in fields(kind)}
    strange = next((name for name in data if name not in known), None)
    if strange is not None:
        raise NodeError(f"{where} has a field “{printable(strange, LONGEST_NAME)}” that is not known.")
    missing = next((name for name, field in known.items() if field.default is MISSING and name not in data), None)
    if missing is not None:
        raise NodeError(f"{where}.{missing} is missing.")
    values = {name: _value(value, str(known[name].type), f"{where}.{name}") for name, value in data.items()}
    try:
        return kind(**values)
    except NodeError as error:
        raise NodeError(f"{where}: {error}") from error


def _value(value: object, kind: str, where: str) -> Any:
    fits = {
        "str": isinstance(value, str),
        "int": isinstance(value, int) and not isinstance(value, bool),
        "bool": isinstance(value, bool),
        "tuple[str, ...]": isinstance(value, list) and all(isinstance(item, str) for item in value),
    }
    if not fits[kind]:
        raise NodeError(f"{where} must be {_WORDS[kind]}.")
    return tuple(value) if isinstance(value, list) else value
