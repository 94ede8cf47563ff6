"""The catalogue of sample clips is consistent, and light to load."""

import json
import subprocess
import sys
from pathlib import Path

from vid2vid.data.samples import SAMPLES


def test_the_catalogue_is_consistent() -> None:
    for name, sample in SAMPLES.items():
        assert sample.name == name
        assert sample.file == f"{name}{Path(sample.member).suffix}"
        for digest in (sample.sha256, sample.wheel.sha256):
            assert len(bytes.fromhex(digest)) == 32
        assert sample.bytes < sample.wheel.bytes
        top, left, bottom, right = sample.crop or (0, 0, sample.height, sample.width)
        assert 0 <= top < bottom <= sample.height
        assert 0 <= left < right <= sample.width


def test_the_catalogue_loads_without_what_reads_videos() -> None:
    script = "import json, sys, vid2vid.data.samples; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"cv2", "av", "decord", "torch", "numpy"} & set(json.loads(done.stdout))
