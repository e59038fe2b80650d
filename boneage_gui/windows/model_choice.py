"""The model in use: chosen by the user, shown in panel and menu, kept for the next start once it has loaded."""

from __future__ import annotations

from boneage_gui import assets
from boneage_gui.inference import Readiness
from boneage_gui.windows.model_entries import ModelEntries
from boneage_gui.windows.radiograph_window import RadiographWindow


class ModelChoice:
    """Puts a choice into the settings, and takes it back when its weights cannot be loaded."""

    def __init__(self, window: RadiographWindow, models: ModelEntries) -> None:
        self._window, self._models = window, models
        self._before: str | None = None  # the settings' one while the user's choice is not settled
        window.inference.model_changed.connect(self._changed)
        window.inference.model_failed.connect(self._failed)
        models.changed.connect(self.show)

    def choose(self, name_or_path: str) -> None:
        """Use a shipped model or a file; the newest question is asked again."""
        window = self._window
        if self._before is None:
            self._before = window.settings.model
        if window.inference.choose(assets.model_file(name_or_path)):
            window.change(model=name_or_path)
            window.inference.load()
        self._models.refresh()
        self.show()

    def show(self) -> None:
        """Say in the panel which model reads, and mark it in the menu."""
        inference = self._window.inference
        self._window.panel.show_model(inference.card, loading=inference.readiness is Readiness.LOADING)
        self._models.check(inference.path)

    def _changed(self) -> None:
        """Show another model, or the same one in another state; a choice that has loaded is settled."""
        inference = self._window.inference
        chosen = self._before is not None and inference.path == assets.model_file(self._window.settings.model)
        if chosen and inference.readiness is Readiness.READY:
            self._before = None
            self._window.banner.calm()
        self.show()

    def _failed(self, error: BaseException) -> None:
        """Say why a model cannot be used; the next start must not meet one that the user chose again.

        What was remembered, or named on the command line, fails while the first radiograph opens, which would calm the
        message: it stays, for another model's number stands below.
        """
        window, chosen = self._window, self._before is not None
        if self._before is not None and window.inference.readiness is not Readiness.LOADING:
            window.change(model=self._before)
            self._before = None
        window.tell(window.door.note(error), stays=not chosen)
