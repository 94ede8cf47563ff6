"""All edits of a session: lines of ``edit=``, objects that become another label, and painted layers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.data.editing import LabelEditor, read_edits
from vid2vid.studio.carrying import NOWHERE, CarriedLayer

Planes = NDArray[np.uint8]
Ids = NDArray[np.int32]


@dataclass(frozen=True)
class ObjectChange:
    """An object that becomes another label, wherever its id is.

    Attributes:
        number: Its object id.
        value: The class index that it becomes.
        first: First frame that is changed.
        last: Last frame that is changed.
    """

    number: int
    value: int
    first: int
    last: int


@dataclass
class PaintedEdits:
    """The edits of a session in the order in which they are made: lines, objects, layers.

    Attributes:
        condition: The model's condition.
        lines: Edits as in `vid2vid synthesize`.
        objects: Objects that become another label.
        layers: The painted layer of each frame that has one.
    """

    condition: Condition
    lines: tuple[str, ...] = ()
    objects: tuple[ObjectChange, ...] = ()
    layers: dict[int, CarriedLayer] = field(default_factory=dict)
    _editor: LabelEditor | None = None

    def set_rules(self, lines: Sequence[str], objects: Sequence[ObjectChange]) -> None:
        """Replace the lines and the objects.

        Raises:
            ConfigError: A line is no edit, or names a label that the condition does not have.
        """
        edits = read_edits(list(lines))
        self._editor = LabelEditor(self.condition, edits) if edits else None
        self.lines, self.objects = tuple(lines), tuple(objects)

    @property
    def painted(self) -> bool:
        """Whether there are edits besides the lines, which the command line cannot express."""
        return bool(self.objects or self.layers)

    def apply(self, planes: Planes, ids: Ids | None, frame: int, own_layer: bool = True) -> tuple[Planes, Ids | None]:
        """Change the condition of a frame, ``(S, H, W)``, and its object ids ``(H, W)``; the given ones stay.

        Args:
            planes: The condition.
            ids: The object ids, or None.
            frame: Its index.
            own_layer: Whether the layer that was painted on this frame is applied, too.

        Raises:
            ConfigError: The region of a line lies outside of the frame.
        """
        if self._editor is not None:
            planes, ids = self._editor(planes, ids, frame)
        planes, ids = planes.copy(), None if ids is None else ids.copy()
        for change in self.objects:
            if ids is not None and change.first <= frame <= change.last:
                planes[0][ids == change.number] = change.value
        # layers of nearer frames cover those of frames further away
        for painted_on in sorted(self.layers, key=lambda t: -abs(t - frame)):
            carried = self.layers[painted_on]
            if carried.layer.concerns(frame) and (own_layer or painted_on != frame):
                places = carried.places(frame)
                shown = places != NOWHERE
                planes[0][shown] = carried.layer.values.ravel()[places[shown]]
                if ids is not None:
                    ids[shown] = carried.layer.objects.ravel()[places[shown]]
        return planes, ids
