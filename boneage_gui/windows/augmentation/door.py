"""The door between the main window and the augmentation lab, which is made when somebody asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from boneage_gui import settings
from boneage_gui.jobs import Job, NewestOnly
from trainer.radiograph import Radiograph, Sex

if TYPE_CHECKING:
    from boneage_gui.inference import Question
    from boneage_gui.windows.augmentation.window import AugmentationWindow
    from boneage_gui.windows.radiograph_window import RadiographWindow


class AugmentationDoor(QObject):
    """Opens the lab and keeps it on the radiograph, the sex and the model of the main window."""

    def __init__(self, window: RadiographWindow) -> None:
        super().__init__(window)
        self._main = window
        self._importing = NewestOnly(self)
        self.window: AugmentationWindow | None = None
        window.restyled.connect(self.restyle)
        window.leaving.connect(self.leave)

    def open(self) -> None:
        """Show the lab on the open radiograph; the first time it comes a moment later."""
        if self.window is None:  # its import takes longer than a window may stand still
            self._importing.start(Job(_import_lab), result=self._make, failed=self._failed)
        else:
            self._show()

    def _failed(self, error: BaseException) -> None:
        self._main.door.tell(error)

    def _make(self, kind: type[AugmentationWindow]) -> None:
        if self.window is None:
            self.window = kind(
                inference=self._main.inference,
                door=self._main.door,
                recipes_folder=settings.recipes_folder(),
                parent=None,
            )
            self._main.picture_shown.connect(self._follow)
            self._main.inference.asked.connect(self._asked)
            self._main.inference.model_changed.connect(self._model_changed)
        QTimer.singleShot(0, self._show)

    def _show(self) -> None:
        if self.window is None:
            return
        if not self.window.isVisible():
            self.window.show()
            self.window.show_model()
            self._follow(self._main.radiograph)
        self.window.raise_()
        self.window.activateWindow()

    def leave(self) -> None:
        """The program ends."""
        self._importing.drop()
        if self.window is not None:
            self.window.close()
            self.window.deleteLater()
            self.window = None

    def restyle(self) -> None:
        """Follow the theme."""
        if self.window is not None:
            self.window.restyle()

    def _follow(self, radiograph: Radiograph | None) -> None:
        if self.window is not None and self.window.isVisible():
            self.window.show_radiograph(radiograph, self._sex())

    def _asked(self, question: Question) -> None:
        if self.window is not None and self.window.isVisible() and question.radiograph is self.window.desk.radiograph:
            self.window.show_sex(question.sex)

    def _model_changed(self) -> None:
        if self.window is not None and self.window.isVisible():
            self.window.show_model()

    def _sex(self) -> Sex | None:
        question = self._main.inference.question
        return None if question is None else question.sex


def _import_lab() -> type[AugmentationWindow]:
    from boneage_gui.windows.augmentation.window import AugmentationWindow
    from boneage_gui.work import augmenting

    augmenting.default_preprocessing()  # it imports too
    return AugmentationWindow
