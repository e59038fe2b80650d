"""One entry of the table of actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["left", "right"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionInfo:
    """One thing a user can do: where it stands, what it is called, which keys do it."""

    name: str
    menu: str  # one of actions.MENUS
    text: str
    tip: str  # a sentence for the tooltip; the keys are added to it
    keys: tuple[str, ...] = ()
    icon: str | None = None
    group: str | None = None  # actions of one group exclude each other; they are checkable
    checkable: bool = False
    toolbar: Side | None = None  # left: what changes the radiograph's view; right: what changes the window
    separated: bool = False  # a line before it
    needs_picture: bool = False  # greyed out while no radiograph is open


def action(
    menu: str,
    name: str,
    text: str,
    tip: str,
    *keys: str,
    icon: str | None = None,
    group: str | None = None,
    checkable: bool = False,
    toolbar: Side | None = None,
    separated: bool = False,
    needs_picture: bool = False,
) -> ActionInfo:
    """A row of the table, written short."""
    return ActionInfo(
        name=name,
        menu=menu,
        text=text,
        tip=tip,
        keys=keys,
        icon=icon,
        group=group,
        checkable=checkable,
        toolbar=toolbar,
        separated=separated,
        needs_picture=needs_picture,
    )


def tooltip(action: ActionInfo, *, shown_keys: str) -> str:
    """The tooltip: the sentence, and the keys as this platform writes them."""
    return f"{action.tip} ({shown_keys})" if shown_keys else action.tip
