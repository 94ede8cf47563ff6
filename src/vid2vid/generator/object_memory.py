"""The colours that the objects of a video have had so far (`ObjectMemory`), and are to have (`ObjectColours`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor, nn

from vid2vid.condition import Condition
from vid2vid.ops import to_images, to_uint8

MEMORY_CHANNELS = 4
"""Channels of a painted memory: a colour, and how well it is known."""
SURE = 0.05
"""Pixels of an object, summed over frames, in areas of a frame, from which it is known: its colour is then kept."""
FAINT = 0.002
"""Pixels, likewise, below which an object's colour is unknown: a dot far away does not have the object's colour."""
COLOURS_OF_A_CLASS, COLOURS_AT_ONCE = 16, 8
"""How many colours of real objects are kept for each class, and how many are drawn from each batch of frames."""
_IDS = 2**16
_DRAWS = 1024


@dataclass(frozen=True)
class ObjectMemory:
    """The mean colour of each object in the frames so far, which F is shown wherever the object is.

    F's past is L frames long, and F forgets what it drew before. Without a memory an object changes its colour little
    by little, and returns with another one after it was hidden. The memory keeps the first appearance of an object: its
    mean colour over F's own frames, until it was seen well enough. Its size does not grow with the length of a video.

    Attributes:
        table: ``(B, 65536, 4)`` float32, a row for each object id: its red, green and blue in [-1, 1], summed over its
            pixels, and the number of pixels, in areas of a frame.
    """

    table: Tensor

    @classmethod
    def empty(cls, videos: int, device: torch.device) -> Self:
        """Make memories of videos that have not begun."""
        return cls(torch.zeros(videos, _IDS, MEMORY_CHANNELS, device=device))

    @classmethod
    def of(cls, colours: Mapping[int, Sequence[int]], videos: int, device: torch.device) -> Self:
        """Make memories in which some objects are known already: their colours do not change any more.

        Args:
            colours: Red, green and blue in 0..255, by object id.
            videos: Number of videos.
            device: Where it is kept.
        """
        memory = cls.empty(videos, device)
        for number, colour in colours.items():
            row = torch.tensor([*(value / 127.5 - 1 for value in colour), 1.0], device=device)
            memory.table[:, number % _IDS] = row * SURE
        return memory

    def paint(self, instance: Tensor | None) -> Tensor:
        """Give every pixel the memory of its object.

        Args:
            instance: ``(B, 1, H, W)`` object ids, modulo 65,536; 0 is no object.

        Returns:
            ``(B, 4, H, W)``: the mean colour in [-1, 1], and how well it is known, in [0, 1]; zeros where it is not.

        Raises:
            ValueError: There are no object ids.
        """
        mean, weight = self._look_up(instance)
        return torch.cat([mean, (weight / SURE).clamp(max=1)], -1).movedim(-1, 1)

    def _look_up(self, instance: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return the mean colour ``(B, H, W, 3)`` and the summed pixels ``(B, H, W, 1)`` of each pixel's object."""
        ids = _required(instance)[:, 0]
        found = self.table[torch.arange(len(ids), device=ids.device)[:, None, None], ids]
        colour, weight = found[..., :3], found[..., 3:]
        return colour / weight.clamp(min=1e-9), weight

    def after(self, images: Tensor, instance: Tensor | None) -> "ObjectMemory":
        """Return the memory after one more frame.

        Args:
            images: ``(B, 3, H, W)`` in [-1, 1].
            instance: ``(B, 1, H, W)``, as for `paint`.

        Raises:
            ValueError: There are no object ids.
        """
        ids = _required(instance)
        objects = (ids > 0).float()
        own = torch.cat([images.detach().float(), torch.ones_like(objects)], 1) * objects / ids.shape[-2:].numel()
        video = torch.arange(len(ids), device=ids.device)[:, None, None, None]
        rows = (video * _IDS + ids).flatten()
        table = self.table.flatten(0, 1).clone()
        unsure = table[rows, 3:] < SURE
        table.index_add_(0, rows, own.movedim(1, -1).flatten(0, 2) * unsure)
        return ObjectMemory(table.view_as(self.table))

    @staticmethod
    def join(memories: Sequence["ObjectMemory"]) -> "ObjectMemory | None":
        """Return the memories of several videos as one; None, if there are none."""
        return ObjectMemory(torch.cat([memory.table for memory in memories])) if memories else None

    def split(self) -> list["ObjectMemory"]:
        """Return the memory of each video."""
        return [ObjectMemory(table[None]) for table in self.table]

    def after_all(self, images: Tensor, instance: Tensor) -> "ObjectMemory":
        """Return the memory after frames ``(B, T, 3, H, W)`` with their object ids ``(B, T, 1, H, W)``."""
        memory = self
        for image, ids in zip(images.unbind(1), instance.unbind(1), strict=True):
            memory = memory.after(image, ids)
        return memory


class ClassColours(nn.Module):
    """Mean colours that objects of each class have in the training data, a sample that is renewed batch by batch.

    In synthesis an object that comes into view has one of them (`ObjectColours`). Left to itself, F draws it in the
    mean of all colours, remembers that, and in a long video everything turns pale.

    Args:
        condition: Defines the classes; for conditions without labels nothing is kept.

    Attributes:
        table: ``(K, 16, 4)`` for K classes: red, green and blue in [-1, 1], and 1 for a colour that is known, else 0.
    """

    table: Tensor

    def __init__(self, condition: Condition) -> None:
        super().__init__()
        self._names = condition.class_names if condition.has_labels else []
        self.register_buffer("table", torch.zeros(len(self._names), COLOURS_OF_A_CLASS, 4))

    @torch.no_grad()
    def observe(self, image: Tensor, labels: Tensor, instance: Tensor) -> None:
        """Store the colours of some objects of a real frame, drawn at random, in place of others of their class.

        Args:
            image: ``(1, 3, H, W)`` in [-1, 1].
            labels: ``(1, 1, H, W)``, the index of the class of each pixel.
            instance: ``(1, 1, H, W)``, as for `ObjectMemory.paint`.
        """
        if not self._names:
            return
        found = ObjectMemory.empty(1, image.device).after(image, instance)._look_up(instance)
        colour, area = (part.flatten(0, 2) for part in found)
        clear = area[:, 0] >= FAINT
        # a small object is drawn as often as a large one; the rest matters where no object is clear
        chances = torch.where(clear, 1 / area[:, 0].clamp(min=FAINT), 1e-9)
        drawn = torch.multinomial(chances, COLOURS_AT_ONCE, replacement=True)
        # no two of them in one place: which one stays does not depend on the device
        places = torch.randperm(COLOURS_OF_A_CLASS, device=image.device)[:COLOURS_AT_ONCE]
        classes = labels.flatten()[drawn].long()
        new = torch.cat([colour, torch.ones_like(area)], -1)[drawn]
        self.table[classes, places] = torch.where(clear[drawn, None], new, self.table[classes, places])

    def by_class(self) -> dict[str, list[list[int]]]:
        """Return the known colours, in 0..255, by the names of the classes; of those without names by their ids."""
        found = {}
        for name, rows in zip(self._names, self.table.cpu(), strict=True):
            known = rows[rows[:, 3] > 0, :3]
            found[name] = to_uint8(known).tolist()
        return {name: colours for name, colours in found.items() if colours}

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *arguments: Any) -> None:  # noqa: ANN401
        """Accept older checkpoints, which have no table."""
        state_dict.setdefault(f"{prefix}table", torch.zeros_like(self.table))
        super()._load_from_state_dict(state_dict, prefix, *arguments)


@dataclass(frozen=True)
class ObjectColours:
    """The colours that objects are to have: that of their id, or one of those of their class.

    Attributes:
        by_id: Red, green and blue in 0..255, by object id.
        by_class: ``(K, 3)`` in [-1, 1], by the index of a class: K colours, of which an object of the class gets one
            when F draws it, unless a first frame shows more of it than a dot (`FAINT`). Its id decides which one, so
            that it is the same in every video.
    """

    by_id: Mapping[int, Sequence[int]]
    by_class: Mapping[int, Tensor]

    @classmethod
    def of(
        cls,
        given: Mapping[Any, Sequence[Any]] | None,
        condition: Condition,
        learnt: Mapping[str, Sequence[Sequence[int]]] | None = None,
    ) -> Self:
        """Separate the colours of `SynthesisConfig.object_colours` by id from those by class name.

        Args:
            given: The colours. Classes that are left out have learnt ones, unless this is empty.
            condition: Defines the classes.
            learnt: Colours of classes, as `ClassColours.by_class` returns them.

        Raises:
            ConfigError: A class is unknown, or the condition has none.
        """
        if given != {}:
            given = {**(learnt or {}), **(given or {})}
        classes = [name for name in given if isinstance(name, str)]
        indices = condition.label_channels(classes, "object_colours")
        by_class = {i: to_images(torch.tensor(given[name])) for i, name in zip(indices, classes, strict=True)}
        return cls({number: colour for number, colour in given.items() if isinstance(number, int)}, by_class)

    def begin(self, videos: int, device: torch.device) -> ObjectMemory:
        """Make memories of videos that have not begun, in which the objects of `by_id` are known."""
        return ObjectMemory.of(self.by_id, videos, device)

    def introduce(self, memory: ObjectMemory, labels: Tensor, instance: Tensor | None) -> ObjectMemory:
        """Return a memory that also knows the objects of the classes of `by_class` that a frame shows.

        Args:
            memory: The memory before the frame.
            labels: ``(B, 1, H, W)``, the index of the class of each pixel.
            instance: ``(B, 1, H, W)``, as for `ObjectMemory.paint`.
        """
        if not self.by_class:
            return memory
        ids = _required(instance)[:, 0]
        rows = torch.arange(len(ids), device=ids.device)[:, None, None] * _IDS + ids
        table = memory.table.flatten(0, 1).clone()
        unknown = (table[rows, 3] < FAINT) & (ids > 0)
        for index, colours in self.by_class.items():
            # consecutive ids, or multiples of some number, must not share one colour
            chosen = colours.to(ids.device)[(ids * 2654435761 % 2**32) * len(colours) // 2**32]
            new = unknown & (labels[:, 0] == index)
            own = torch.cat([chosen, torch.ones_like(chosen[..., :1])], -1) * (SURE * new)[..., None]
            # summed over an object's pixels it is still the chosen colour, and far more than what was known before
            table.index_add_(0, rows.flatten(), own.flatten(0, 2))
        return ObjectMemory(table.view_as(memory.table))


def _required(instance: Tensor | None) -> Tensor:
    """Return object ids as rows of a memory."""
    if instance is None:
        raise ValueError("F with generator.object_memory=True knows objects by their ids: give instance.")
    return instance.long() % _IDS


@dataclass(frozen=True)
class Forgetting:
    """Hides parts of a memory from F in training, so that F can do without them, and corrects small errors.

    Attributes:
        dropout: Share of the objects that are hidden, drawn again for each frame.
        noise: Standard deviation of what is added to the colour of each object, in [-1, 1].
    """

    dropout: float = 0.0
    noise: float = 0.0

    def __call__(self, painted: Tensor, instance: Tensor) -> Tensor:
        """Return a painted memory ``(B, 4, H, W)`` of objects ``(B, 1, H, W)`` as F is to see it."""
        if not self.dropout and not self.noise:
            return painted
        # a few objects that share a draw do no harm
        row = instance[:, 0].long() % _DRAWS
        video = torch.arange(len(row), device=row.device)[:, None, None]
        kept = (torch.rand(len(row), _DRAWS, device=row.device) >= self.dropout)[video, row][:, None]
        shift = self.noise * torch.randn(len(row), _DRAWS, 3, device=row.device)[video, row].movedim(-1, 1)
        colour, known = painted[:, :3], painted[:, 3:]
        return torch.cat([colour + shift * (known > 0), known], 1) * kept


class RememberedObjects:
    """The objects of clips and F's memory of them, which is updated with each frame that F makes.

    Args:
        objects: ``(B, T, 1, H, W)`` object ids of the clips.
        first: ``(B, n, 3, H, W)``, the first frames, which F does not make; None: there are none.
        forget: What F is not to see of its memory.

    Attributes:
        memory: The memory of the frames so far.
    """

    def __init__(self, objects: Tensor, first: Tensor | None = None, forget: Forgetting | None = None) -> None:
        self._objects, self._made = objects, 0 if first is None else first.shape[1]
        self._forget = forget or Forgetting()
        self.memory = ObjectMemory.empty(len(objects), objects.device)
        if first is not None:
            self.memory = self.memory.after_all(first, objects[:, : self._made])

    def paint(self) -> Tensor:
        """Return what F is to see of the memory in the next frame, ``(B, 4, H, W)`` (`ObjectMemory.paint`)."""
        instance = self._objects[:, self._made]
        return self._forget(self.memory.paint(instance), instance)

    def add(self, images: Tensor) -> None:
        """Remember the next frame ``(B, 3, H, W)``, which is made now."""
        self.memory = self.memory.after(images, self._objects[:, self._made])
        self._made += 1
