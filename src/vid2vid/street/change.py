"""`StreetChange`: how a street differs from what its seed says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StreetChange:
    """How a street differs from what its seed says; all else stays the same, bit for bit.

    The changed street is the ground truth of an edit: what a camera would have seen if the street had been built so.

    Attributes:
        cars: Whether there are cars.
        houses: Whether there are houses; else trees stand in their places.
        kerb: How much farther out the kerbs are, metres, at the expense of the sidewalks; below 0: farther in. Lamps,
            trees and cars stay where they are.
    """

    cars: bool = True
    houses: bool = True
    kerb: float = 0.0


AS_IT_IS = StreetChange()
