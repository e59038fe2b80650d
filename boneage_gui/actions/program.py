"""Everything else: the menus File, Patient, Model, Go and Help."""

from __future__ import annotations

from boneage_gui.actions.info import ActionInfo, action

FILE: tuple[ActionInfo, ...] = (
    action("File", "open_file", "&Open file…", "Open one or more radiographs", "Ctrl+O", icon="open", toolbar="left"),
    action(
        "File",
        "open_folder",
        "Open &folder…",
        "Open every radiograph of a folder",
        "Ctrl+Shift+O",
        icon="folder",
        toolbar="left",
    ),
    action("File", "open_sample", "Open &sample", "Open a computer-made hand radiograph", "Ctrl+Shift+S", icon="hand"),
    action(
        "File",
        "save_picture",
        "Save &picture as PNG…",
        "Save the radiograph as it is shown",
        "Ctrl+S",
        icon="save",
        separated=True,
        needs_picture=True,
    ),
    action(
        "File",
        "copy_reading",
        "&Copy reading as text",
        "Copy the bone age and its context to the clipboard",
        "Ctrl+C",
        icon="copy",
        toolbar="left",
        needs_picture=True,
    ),
    action("File", "quit", "&Quit", "Close the window", "Ctrl+Q", icon="quit", separated=True),
)

PATIENT: tuple[ActionInfo, ...] = (
    action(
        "Patient",
        "accept_reading",
        "&Accept reading",
        "Keep the model's bone age as your reading",
        "Ctrl+Return",
        "Ctrl+Enter",
        icon="accept",
        needs_picture=True,
    ),
    action(
        "Patient",
        "modify_reading",
        "M&odify reading…",
        "Keep a bone age of your own, with the reason",
        "Ctrl+E",
        icon="modify",
        needs_picture=True,
    ),
    action(
        "Patient",
        "sex_female",
        "&Female",
        "Read the radiograph as that of a girl",
        "Shift+F",
        group="sex",
        separated=True,
        needs_picture=True,
    ),
    action(
        "Patient",
        "sex_male",
        "&Male",
        "Read the radiograph as that of a boy",
        "Shift+M",
        group="sex",
        needs_picture=True,
    ),
    action(
        "Patient",
        "sex_not_given",
        "&Not given",
        "Read the radiograph without the child's sex",
        "Shift+N",
        group="sex",
        needs_picture=True,
    ),
    action(
        "Patient",
        "type_dates",
        "&Dates…",
        "Type the birth date and the study date",
        "Shift+D",
        icon="calendar",
        separated=True,
        needs_picture=True,
    ),
    action(
        "Patient",
        "reference_brush",
        "Reference: &Brush Foundation",
        "Hold bone ages against the standard deviations of the Brush Foundation",
        "Shift+B",
        group="reference",
        separated=True,
    ),
    action(
        "Patient",
        "reference_greulich_pyle",
        "Reference: &Greulich-Pyle (not verified)",
        "Hold bone ages against the Greulich-Pyle tables V and VI, which were not verified against print",
        "Shift+G",
        group="reference",
    ),
)

MODEL: tuple[ActionInfo, ...] = (
    action(
        "Model",
        "open_model",
        "&Open a model file…",
        "Use a model from a .safetensors file",
        "Ctrl+M",
        icon="model",
        separated=True,
    ),
    action(
        "Model",
        "models_folder",
        "Open the &folder of my models",
        "Show where your own models lie, in the file manager",
        "Ctrl+Shift+M",
        icon="folder",
    ),
    action(
        "Model",
        "remove_model",
        "Re&move my model…",
        "Delete one of your own models; you are asked which",
        "Ctrl+Shift+Backspace",
        icon="discard",
    ),
    action(
        "Model",
        "about_model",
        "&About this model…",
        "Show the card of the model in use: data, accuracy, intended use",
        "Ctrl+I",
        icon="about",
    ),
    action(
        "Model",
        "train",
        "&Train…",
        "Train a model on your own radiographs, or see the training that goes on",
        "Ctrl+Shift+T",
        icon="train",
        separated=True,
    ),
    action(
        "Model",
        "past_runs",
        "&Past runs…",
        "List the trainings of the past, compare their curves, go on with one",
        "Ctrl+Shift+R",
        icon="runs",
    ),
)

GO: tuple[ActionInfo, ...] = (
    action(
        "Go",
        "previous",
        "&Previous radiograph",
        "Show the file before this one",
        "PgUp",
        icon="previous",
        toolbar="left",
        separated=True,
    ),
    action("Go", "next", "&Next radiograph", "Show the file after this one", "PgDown", icon="next", toolbar="left"),
)

HELP: tuple[ActionInfo, ...] = (
    action("Help", "shortcuts", "&Keyboard shortcuts", "List every shortcut", "F1", icon="keyboard", toolbar="right"),
    action("Help", "about", "&About Bone Age", "What this is, its licence and terms", "Shift+F1", icon="about"),
)
