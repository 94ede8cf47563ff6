"""From what a user asks for to a style: one look for each class, the same in all frames of a video."""

from dataclasses import dataclass, field
from pathlib import Path

from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.data.crop_resize import CropResize
from vid2vid.errors import ConfigError, choose
from vid2vid.generator import Style
from vid2vid.synthesis.styles.book import StyleBook
from vid2vid.synthesis.styles.picture import read_style
from vid2vid.training import Vid2VidModule

MEAN, RANDOM, FROM = "mean", "random", "from:"


@dataclass(frozen=True)
class StyleChoice:
    """What is asked for.

    Attributes:
        style: ``mean``; ``random``: drawn by ``seed``; ``from:PICTURE``: as in a real picture, classes that it does not
            show being as on average.
        book: The file of `vid2vid styles`; needed for ``random`` and for kinds. None: the mean is the one that the
            model remembers of its training.
        labels: The label map of the picture.
        classes: For single classes, by name or id: the number of a kind, counted from 0, the most common one, or
            ``mean`` or ``random``.
        seed: Which of the random styles.
    """

    style: str = MEAN
    book: Path | None = None
    labels: Path | None = None
    classes: dict[str, int | str] = field(default_factory=dict)
    seed: int = 0

    @property
    def plain(self) -> bool:
        """Whether nothing is asked for."""
        return self.style == MEAN and self.book is None and self.labels is None and not self.classes


def choose_style(module: Vid2VidModule, choice: StyleChoice, crop_resize: CropResize | None = None) -> Style | None:
    """Return the style that is asked for; None if nothing is, which means the mean style.

    Args:
        module: A trained module.
        choice: What is asked for.
        crop_resize: Part and size of the picture that is used.

    Raises:
        ConfigError: The model has no encoder, the styles are those of another model, or they, a label map or a class
            are missing or unknown.
        DataError: A file cannot be read.
    """
    if choice.plain:
        return None
    mean = module.synthesis_generator.require_encoder().mean.table.cpu()
    picture = choice.style.removeprefix(FROM) if choice.style.startswith(FROM) else ""
    if not picture:
        choose(choice.style, (MEAN, RANDOM, f"{FROM}PICTURE"), "style")
        if choice.labels is not None:
            raise ConfigError("style_labels is the label map of a picture: it needs style=from:PICTURE.")
    book = StyleBook.load(choice.book) if choice.book else None
    if book is not None:
        book.require_fit(module)
        mean = book.mean
    if choice.style == RANDOM:
        table = _needed(book, "style=random").random(choice.seed).table
    else:
        table = read_style(module, Path(picture), choice.labels, crop_resize).table if picture else mean.clone()
    for label, wish in choice.classes.items():
        row = _row(module.condition, label)
        table[row] = _single(book, mean, row, wish, choice.seed)
    return Style(table)


def _needed(book: StyleBook | None, what: str) -> StyleBook:
    if book is None:
        raise ConfigError(f"{what} needs styles=FILE; make one with: vid2vid styles checkpoint=... output=FILE")
    return book


def _row(condition: Condition, label: str) -> int:
    if condition.has_labels:
        return condition.label_channels([label], "style_classes")[0]
    # without labels all of a frame is one class
    choose(label, ("all",), "style_classes")
    return 0


def _single(book: StyleBook | None, mean: Tensor, row: int, wish: int | str, seed: int) -> Tensor:
    if wish == MEAN:
        return mean[row]
    known = _needed(book, "style_classes")
    if wish == RANDOM:
        return known.random(seed).table[row]
    if isinstance(wish, bool) or not isinstance(wish, int):
        raise ConfigError(f"style_classes.{known.labels[row]}={wish}: give the number of a kind, {MEAN} or {RANDOM}.")
    return known.centre(known.labels[row], wish)
