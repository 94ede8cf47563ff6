"""What all tests share."""

import json
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

REFERENCE = Path(__file__).resolve().parents[2] / "shared" / "reference"
DTYPES = {"F32": np.float32, "U8": np.uint8, "I64": np.int64}


@dataclass(frozen=True)
class Recording:
    """What the reference implementation did once: its settings, weights, inputs and outputs."""

    config: dict[str, Any]
    tensors: dict[str, Tensor]

    def group(self, name: str) -> dict[str, Tensor]:
        """Return the tensors under ``name/``, without that prefix."""
        return {key.removeprefix(f"{name}/"): t for key, t in self.tensors.items() if key.startswith(f"{name}/")}


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    """Keep torch to one thread: on small networks and busy cores more of them wait for each other, 3 times as long."""
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """Let every test draw the same numbers, whichever tests run before it."""
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder with recordings of the reference implementation; absent on a user's machine, required in CI."""
    if not REFERENCE.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{REFERENCE} is needed when CI=true")
        pytest.skip(f"the recordings of the reference implementation are not on this machine ({REFERENCE})")
    return REFERENCE


@pytest.fixture(scope="session")
def recording(reference: Path) -> Callable[[str], Recording]:
    """Reads a recording by name."""

    def read(name: str) -> Recording:
        return _read_safetensors(reference / f"{name}.safetensors")

    return read


def _read_safetensors(path: Path) -> Recording:
    """Read the format: the header's length in 8 bytes, a JSON header, then the raw values."""
    content = path.read_bytes()
    start = 8 + struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:start])
    config = json.loads(header.pop("__metadata__")["config"])
    tensors: dict[str, Tensor] = {}
    for name, entry in header.items():
        begin, end = (start + offset for offset in entry["data_offsets"])
        values = np.frombuffer(content[begin:end], DTYPES[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(values.copy())
    return Recording(config, tensors)
