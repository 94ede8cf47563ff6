"""The classes of the rendered streets: ids, names and colours of Cityscapes (Cordts et al. 2016, `labels.py`)."""

from vid2vid.condition import Condition

ROAD, SIDEWALK, BUILDING, POLE, VEGETATION, TERRAIN, SKY, PERSON, CAR = 7, 8, 11, 17, 21, 22, 23, 24, 26

CLASSES: dict[int, tuple[str, tuple[int, int, int]]] = {
    ROAD: ("road", (128, 64, 128)),
    SIDEWALK: ("sidewalk", (244, 35, 232)),
    BUILDING: ("building", (70, 70, 70)),
    POLE: ("pole", (153, 153, 153)),
    VEGETATION: ("vegetation", (107, 142, 35)),
    TERRAIN: ("terrain", (152, 251, 152)),
    SKY: ("sky", (70, 130, 180)),
    PERSON: ("person", (220, 20, 60)),
    CAR: ("car", (0, 0, 142)),
}
"""Label id → name and RGB colour 0..255. Lane markings are road, tree trunks are vegetation."""

LABEL_IDS = list(CLASSES)
"""The label ids of streets, in the order of the one-hot channels."""

STREET_PLANES = ("depth", "normals", "motion")
"""The planes that the renderer provides (`vid2vid.condition.PLANES`)."""

INSTANCE_BASE = 1000
"""Individual objects have the instance id ``label * INSTANCE_BASE + number``, number < 1000 (gtFine `instanceIds`)."""


def instance_id(label: int, number: int) -> int:
    """Return the instance id of object ``number`` of a class; numbers are taken modulo 1000."""
    return label * INSTANCE_BASE + number % INSTANCE_BASE


def street_condition() -> Condition:
    """Return the condition of rendered streets: label maps with nine Cityscapes ids, their names and palette."""
    names = [name for name, _ in CLASSES.values()]
    palette = [list(colour) for _, colour in CLASSES.values()]
    return Condition(kind="labels", label_ids=list(LABEL_IDS), label_names=names, palette=palette)
