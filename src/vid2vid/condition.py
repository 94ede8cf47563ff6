"""What the conditions s of a video are: how they are read, how many channels F sees, how they are drawn."""

from dataclasses import dataclass, field

from vid2vid.errors import ConfigError, choose

KINDS = ("labels", "edges", "image")


@dataclass
class Condition:
    """The kind of condition that F is trained on; it travels with every checkpoint.

    Attributes:
        kind: ``labels`` (a map of class ids), ``edges`` (Canny edges of the video itself) or ``image`` (RGB channels).
        label_ids: For labels: the ids that may stand in the files; channel i of the one-hot code is ``label_ids[i]``.
        label_names: For labels: a name for each id.
        palette: For labels: an RGB colour 0..255 for each id, for previews.
        instance_edges: For labels: append a channel with the borders between object instances.
        edge_thresholds: For edges: Canny's lower and upper threshold on 0..255 gradients.
    """

    kind: str = "labels"
    label_ids: list[int] = field(default_factory=list)
    label_names: list[str] = field(default_factory=list)
    palette: list[list[int]] = field(default_factory=list)
    instance_edges: bool = False
    edge_thresholds: list[int] = field(default_factory=lambda: [60, 150])

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: Unknown kind, no or repeated ids, names and colours that do not fit the ids, or thresholds
                that are no pair.
        """
        choose(self.kind, KINDS, "condition.kind")
        if len(self.edge_thresholds) != 2 or self.edge_thresholds[0] > self.edge_thresholds[1]:
            raise ConfigError(f"condition.edge_thresholds must be [lower, upper], but is {list(self.edge_thresholds)}.")
        if self.kind != "labels":
            return
        if not self.label_ids or len(set(self.label_ids)) != len(self.label_ids):
            raise ConfigError(f"condition.label_ids must list each id once, but is {list(self.label_ids)}.")
        if not all(0 <= i <= 255 for i in self.label_ids):
            raise ConfigError("condition.label_ids must lie in 0..255: label maps are stored in 8 bits.")
        for name in ("label_names", "palette"):
            given = getattr(self, name)
            if given and len(given) != len(self.label_ids):
                raise ConfigError(f"condition.{name} has {len(given)} entries for {len(self.label_ids)} label_ids.")

    def label_channels(self, labels: list[str], key: str) -> list[int]:
        """Return the channels of the one-hot code that belong to some labels, given by name or by id.

        Args:
            labels: Names out of ``label_names`` or ids out of ``label_ids``.
            key: The setting that they come from, for messages.

        Raises:
            ConfigError: A label is none of the condition's, or the condition has none.
        """
        if labels and self.kind != "labels":
            raise ConfigError(f"{key}={labels}: a condition of the kind {self.kind!r} has no labels.")
        known = {str(label): i for i, label in enumerate(self.label_ids)}
        known.update({name: i for i, name in enumerate(self.label_names)})
        return [known[choose(str(label), known, key)] for label in labels]

    def encodes_like(self, other: "Condition") -> bool:
        """Whether each channel of the encoded condition means the same as with another one."""
        if self.kind != "labels":
            return self.kind == other.kind
        same = (other.kind, list(other.label_ids), other.instance_edges)
        return ("labels", list(self.label_ids), self.instance_edges) == same

    @property
    def channels(self) -> int:
        """Channels C of the encoded condition of one frame."""
        if self.kind == "labels":
            return len(self.label_ids) + int(self.instance_edges)
        return 1 if self.kind == "edges" else 3
