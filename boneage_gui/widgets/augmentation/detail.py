"""One picture large: before and after, their difference, their histograms."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from boneage_gui import theme
from boneage_gui.images import colour_image, grey_image
from boneage_gui.widgets.augmentation.before_after import BeforeAfter
from boneage_gui.widgets.augmentation.colours import difference_table
from boneage_gui.widgets.augmentation.face import Face, age_words
from boneage_gui.widgets.augmentation.histogram import Histogram
from boneage_gui.widgets.text import label
from boneage_gui.work.augmenting import difference, histogram
from trainer.augment import Canvas


class Square(QWidget):
    """A picture in a square."""

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = QImage()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setSizePolicy(policy)
        self.setAccessibleName(name)
        self.setToolTip(tip)

    def show_picture(self, picture: QImage) -> None:
        """Show this one."""
        self.picture = picture
        self.update()

    def sizeHint(self) -> QSize:
        """Beside a large picture."""
        return QSize(280, 280)

    def minimumSizeHint(self) -> QSize:
        """Still worth looking at."""
        return QSize(160, 160)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, as large as it fits."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        side = min(self.width(), self.height())
        place = QRectF((self.width() - side) / 2, 0, side, side)
        painter.fillRect(place, QColor(theme.current().picture))
        if not self.picture.isNull():
            painter.drawImage(place, self.picture)
        painter.end()


class Detail(QWidget):
    """The page of one picture; the grid is one key away."""

    back = Signal()
    step_wanted = Signal(int)  # +1 or -1: the next or the previous picture

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number: int | None = None
        self.title = label(rank="figure")
        self.caption = label(rank="muted", selectable=True)
        self.ages = label(selectable=True)
        self.before_after = BeforeAfter()
        self.difference = Square(
            "Difference picture", "Drawn picture minus original: blue is darker, orange brighter than the original"
        )
        self.histogram = Histogram()
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for text, tip, signal in (
            ("Back to the grid", "Show all pictures again (Esc)", self.back.emit),
            ("Previous", "The picture before this one (Page Up)", lambda: self.step_wanted.emit(-1)),
            ("Next", "The picture after this one (Page Down)", lambda: self.step_wanted.emit(1)),
        ):
            button = QPushButton(text)
            button.setToolTip(tip)
            button.setAccessibleName(text)
            button.clicked.connect(signal)
            buttons.addWidget(button)
        buttons.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(6)
        right.addWidget(self.title)
        right.addWidget(self.ages)
        right.addWidget(self.caption)
        right.addSpacing(4)
        right.addWidget(label("DIFFERENCE", rank="section"))
        right.addWidget(label("Blue is darker than the original, orange brighter", rank="small"))
        right.addWidget(self.difference, 3)
        right.addWidget(label("HISTOGRAM", rank="section"))
        right.addWidget(self.histogram, 2)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.before_after, 5)
        row.addLayout(right, 3)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(14, 10, 14, 10)
        whole.setSpacing(10)
        whole.addLayout(buttons)
        whole.addLayout(row, 1)

    def show_face(self, number: int, face: Face, model_names: tuple[str, ...]) -> None:
        """The words of a picture."""
        self.number = number
        self.title.setText(face.title)
        self.caption.setText("; ".join(face.lines))
        said = [
            f"{name}: {age_words(age)}" for name, age in zip(model_names, face.ages, strict=False) if age is not None
        ]
        self.ages.setText("\n".join(said))
        self.ages.setVisible(bool(said))

    def show_pictures(self, before: Canvas, after: Canvas) -> None:
        """Both canvases, of one shape."""
        self.before_after.show_pictures(grey_image(before), grey_image(after), self.title.text())
        self.difference.show_picture(colour_image(difference_table()[difference(before, after) + 255]))
        self.histogram.show_shares(histogram(before), histogram(after))
        self.setFocusProxy(self.before_after)
        self.before_after.setCursor(Qt.CursorShape.SplitHCursor)
