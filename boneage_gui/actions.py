"""Every menu entry and shortcut of the window, as one table."""

from __future__ import annotations

from dataclasses import dataclass

MENUS = ("File", "View", "Tools", "Patient", "Model", "Go", "Help")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionInfo:
    """One thing a user can do: where it stands, what it is called, which keys do it."""

    name: str
    menu: str  # one of MENUS
    text: str
    tip: str  # a sentence for the tooltip; the keys are added to it
    keys: tuple[str, ...] = ()
    icon: str | None = None
    group: str | None = None  # actions of one group exclude each other; they are checkable
    checkable: bool = False
    toolbar: bool = False
    separated: bool = False  # a line before it
    needs_picture: bool = False  # greyed out while no radiograph is open


def _action(
    menu: str,
    name: str,
    text: str,
    tip: str,
    *keys: str,
    icon: str | None = None,
    group: str | None = None,
    checkable: bool = False,
    toolbar: bool = False,
    separated: bool = False,
    needs_picture: bool = False,
) -> ActionInfo:
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


ACTIONS: tuple[ActionInfo, ...] = (
    _action("File", "open_file", "&Open file…", "Open one or more radiographs", "Ctrl+O", icon="open", toolbar=True),
    _action(
        "File",
        "open_folder",
        "Open &folder…",
        "Open every radiograph of a folder",
        "Ctrl+Shift+O",
        icon="folder",
        toolbar=True,
    ),
    _action("File", "open_sample", "Open &sample", "Open a computer-made hand radiograph", "Ctrl+Shift+S", icon="hand"),
    _action(
        "File",
        "save_picture",
        "Save &picture as PNG…",
        "Save the radiograph as it is shown",
        "Ctrl+S",
        icon="save",
        separated=True,
        needs_picture=True,
    ),
    _action(
        "File",
        "copy_reading",
        "&Copy reading as text",
        "Copy the bone age and its context to the clipboard",
        "Ctrl+C",
        icon="copy",
        toolbar=True,
        needs_picture=True,
    ),
    _action("File", "quit", "&Quit", "Close the window", "Ctrl+Q", icon="quit", separated=True),
    _action(
        "View",
        "fit",
        "&Fit to window",
        "Show the whole radiograph",
        "F",
        icon="fit",
        toolbar=True,
        separated=True,
        needs_picture=True,
    ),
    _action(
        "View",
        "one_to_one",
        "&One to one",
        "One pixel of the radiograph on one of the screen",
        "1",
        icon="one-to-one",
        toolbar=True,
        needs_picture=True,
    ),
    _action(
        "View",
        "zoom_in",
        "Zoom &in",
        "Enlarge; the wheel zooms at the pointer",
        "+",
        "=",
        "Ctrl++",
        "Ctrl+=",
        icon="zoom-in",
        toolbar=True,
        needs_picture=True,
    ),
    _action(
        "View",
        "zoom_out",
        "Zoom o&ut",
        "Shrink; the wheel zooms at the pointer",
        "-",
        "Ctrl+-",
        icon="zoom-out",
        toolbar=True,
        needs_picture=True,
    ),
    _action(
        "View",
        "reset",
        "&Reset view",
        "Undo zoom, pan, window, rotation, flips and inversion",
        "R",
        icon="reset",
        toolbar=True,
        needs_picture=True,
    ),
    _action(
        "View",
        "invert",
        "In&vert",
        "Swap black and white on screen",
        "I",
        icon="invert",
        toolbar=True,
        separated=True,
        needs_picture=True,
    ),
    _action(
        "View",
        "rotate_left",
        "Rotate &left",
        "Turn a quarter to the left",
        "Ctrl+L",
        icon="rotate-left",
        toolbar=True,
        needs_picture=True,
    ),
    _action(
        "View",
        "rotate_right",
        "Rotate ri&ght",
        "Turn a quarter to the right",
        "Ctrl+R",
        icon="rotate-right",
        toolbar=True,
        needs_picture=True,
    ),
    _action(
        "View",
        "flip_horizontal",
        "Flip &horizontally",
        "Swap left and right",
        "H",
        icon="flip-horizontal",
        toolbar=True,
        needs_picture=True,
    ),
    _action(
        "View",
        "flip_vertical",
        "Flip ver&tically",
        "Swap top and bottom",
        "V",
        icon="flip-vertical",
        toolbar=True,
        needs_picture=True,
    ),
    _action(
        "View",
        "show_thumbnails",
        "Thum&bnails",
        "Show or hide the strip of files",
        "T",
        icon="thumbnails",
        checkable=True,
        separated=True,
    ),
    _action(
        "View",
        "show_panel",
        "&Panel",
        "Show or hide the bone age beside the radiograph",
        "P",
        icon="panel",
        checkable=True,
    ),
    _action(
        "View",
        "light_theme",
        "Light the&me",
        "Change between the dark and the light look",
        "Ctrl+T",
        icon="theme",
        checkable=True,
    ),
    _action(
        "View",
        "full_screen",
        "Full &screen",
        "Use the whole screen; the same key comes back",
        "F11",
        icon="full-screen",
        checkable=True,
    ),
    _action(
        "Tools",
        "tool_window",
        "&Window and level",
        "Drag to change contrast and brightness",
        "W",
        icon="window",
        group="tool",
        toolbar=True,
        separated=True,
    ),
    _action(
        "Tools",
        "tool_length",
        "&Length",
        "Drag along a length; the label says how it is calibrated",
        "D",
        icon="length",
        group="tool",
        toolbar=True,
    ),
    _action(
        "Tools", "tool_angle", "&Angle", "Click three points of an angle", "A", icon="angle", group="tool", toolbar=True
    ),
    _action(
        "Tools",
        "clear_measurements",
        "&Clear measurements",
        "Remove every length and angle",
        "Ctrl+Backspace",
        icon="clear",
        toolbar=True,
        separated=True,
        needs_picture=True,
    ),
    _action(
        "Patient",
        "sex_female",
        "&Female",
        "Read the radiograph as that of a girl",
        "Shift+F",
        group="sex",
        needs_picture=True,
    ),
    _action(
        "Patient",
        "sex_male",
        "&Male",
        "Read the radiograph as that of a boy",
        "Shift+M",
        group="sex",
        needs_picture=True,
    ),
    _action(
        "Patient",
        "sex_not_given",
        "&Not given",
        "Read the radiograph without the child's sex",
        "Shift+N",
        group="sex",
        needs_picture=True,
    ),
    _action(
        "Patient",
        "type_dates",
        "&Dates…",
        "Type the birth date and the study date",
        "Shift+D",
        icon="calendar",
        separated=True,
        needs_picture=True,
    ),
    _action(
        "Model",
        "open_model",
        "&Open a model file…",
        "Use a model from a .safetensors file",
        "Ctrl+M",
        icon="model",
        separated=True,
    ),
    _action(
        "Go",
        "previous",
        "&Previous radiograph",
        "Show the file before this one",
        "PgUp",
        icon="previous",
        toolbar=True,
        separated=True,
    ),
    _action("Go", "next", "&Next radiograph", "Show the file after this one", "PgDown", icon="next", toolbar=True),
    _action(
        "Help",
        "shortcuts",
        "&Keyboard shortcuts",
        "List every shortcut",
        "F1",
        icon="keyboard",
        toolbar=True,
        separated=True,
    ),
    _action("Help", "about", "&About Bone Age", "What this is, its licence and terms", "Shift+F1", icon="about"),
)


def tooltip(action: ActionInfo, *, shown_keys: str) -> str:
    """The tooltip: the sentence, and the keys as this platform writes them."""
    return f"{action.tip} ({shown_keys})" if shown_keys else action.tip
