"""`StreetChange`: a change of the street that a seed describes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StreetChange:
    """A change of the street that a seed describes; everything else stays the same, bit for bit.

    The changed street is the ground truth of an edit: what a camera would see if the street had been built that way.

    Attributes:
        cars: Whether there are cars.
        houses: Whether there are houses; otherwise there are trees in their places.
        kerb: How far the kerbs are moved outwards, in metres, at the expense of the sidewalks; negative: inwards.
            Lamps, trees and cars stay in place.
    """

    cars: bool = True
    houses: bool = True
    kerb: float = 0.0


UNCHANGED = StreetChange()
