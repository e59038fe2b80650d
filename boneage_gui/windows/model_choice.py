"""The model in use: chosen by the user, shown in panel and menu, kept for the next start once it has loaded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from boneage_gui import assets
from boneage_gui.inference import Readiness

if TYPE_CHECKING:
    from boneage_gui.windows.main_window import MainWindow


class ModelChoice:
    """Puts a choice into the settings, and takes it back when its weights cannot be loaded."""

    def __init__(self, main: MainWindow) -> None:
        self._main = main
        self._before: str | None = None  # the settings' one while the user's choice still loads

    def choose(self, name_or_path: str) -> None:
        """Use a shipped model or a file; the newest question is asked again."""
        main = self._main
        if main.inference.choose(assets.model_file(name_or_path)):
            if self._before is None:
                self._before = main.settings.model
            main.settings = replace(main.settings, model=name_or_path)
            main.inference.load()
        main.models.refresh()
        self.show()

    def show(self) -> None:
        """Say in the panel which model reads, and mark it in the menu."""
        inference = self._main.inference
        self._main.panel.show_model(inference.card, loading=inference.readiness is Readiness.LOADING)
        self._main.models.check(inference.path)

    def changed(self) -> None:
        """Show another model, or the same one in another state; a choice that has loaded is settled."""
        inference = self._main.inference
        chosen = self._before is not None and inference.path == assets.model_file(self._main.settings.model)
        if chosen and inference.readiness is Readiness.READY:
            self._before = None
            self._main.banner.calm()
        self.show()

    def failed(self, error: BaseException) -> None:
        """Say why a model cannot be used; the next start must not meet it again."""
        if self._before is not None and self._main.inference.readiness is not Readiness.LOADING:
            self._main.settings = replace(self._main.settings, model=self._before)
            self._before = None
        self._main.door.tell(error)
