"""Damage: bytes altered as bad disks and broken transfers do, and as somebody does who wants to break the reader."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from fuzzing.samples import Sample

Random = np.random.Generator
_HUGE = (b"\xff" * 8, b"\x7f" + b"\xff" * 7, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x00" * 8, b"\x00\x00\x00\x01")
_VALUES: tuple[Any, ...] = (None, -1, 0, 1e308, -1e400, 10**30, 2**63, True, "", "\0", "x" * 5000, "../../etc", [], {})
_VALUES += ([[[[]]]], {"a": {"b": None}}, float("nan"), [1e39], "NaN", "${oc.env:HOME}", "${seed}", "9" * 5000)


def damaged(sample: Sample, number: int, seed: int) -> tuple[str, bytes]:
    """Return the name of a kind of damage, and a sample with it.

    Args:
        sample: The whole file.
        number: Which of the damaged files of this sample it is; with the seed it determines all.
        seed: Of the whole run.
    """
    random = np.random.default_rng([seed, number, zlib.crc32(sample.name.encode())])
    ways = [*_ANY, *_SPECIAL.get(sample.name.rpartition(".")[2], ())]
    # special ways come first: of few files of a sample, each should show what only this format has
    way = ways[::-1][number % len(ways)]
    return way.__name__.strip("_").replace("_", " "), way(sample.data, random)


def _bit_flips(data: bytes, random: Random) -> bytes:
    altered = bytearray(data)
    for place in random.integers(0, len(data), int(random.integers(1, 30))):
        altered[place] ^= 1 << int(random.integers(8))
    return bytes(altered)


def _bit_flips_in_the_head(data: bytes, random: Random) -> bytes:
    return _bit_flips(data[:400], random) + data[400:]


def _cut_off(data: bytes, random: Random) -> bytes:
    return data[: int(random.integers(0, len(data)))]


def _part_lost(data: bytes, random: Random) -> bytes:
    start, stop = sorted(random.integers(0, len(data) + 1, 2))
    return data[:start] + data[stop:]


def _part_zeroed(data: bytes, random: Random) -> bytes:
    start, stop = sorted(random.integers(0, len(data) + 1, 2))
    return data[:start] + bytes(int(stop - start)) + data[stop:]


def _parts_swapped(data: bytes, random: Random) -> bytes:
    first, second, third = sorted(random.integers(0, len(data) + 1, 3))
    return data[:first] + data[second:third] + data[first:second] + data[third:]


def _part_repeated(data: bytes, random: Random) -> bytes:
    start, stop = sorted(random.integers(0, len(data) + 1, 2))
    return data[:stop] + data[start:stop] * 3 + data[stop:]


def _huge_number_in_the_head(data: bytes, random: Random) -> bytes:
    number = _HUGE[int(random.integers(len(_HUGE)))]
    place = int(random.integers(0, min(len(data), 300)))
    return data[:place] + number + data[place + len(number) :]


def _huge_number_anywhere(data: bytes, random: Random) -> bytes:
    place = int(random.integers(0, len(data)))
    return data[:place] + _HUGE[int(random.integers(len(_HUGE)))] + data[place + 8 :]


def _noise(data: bytes, random: Random) -> bytes:
    return data[:8] + random.bytes(min(len(data), 4096))


def _nothing_left(data: bytes, random: Random) -> bytes:
    return b"" if random.integers(2) else bytes(int(random.integers(1, 64)))


_ANY = (
    _nothing_left,
    _noise,
    _huge_number_anywhere,
    _huge_number_in_the_head,
    _part_repeated,
    _parts_swapped,
    _part_zeroed,
    _part_lost,
    _cut_off,
    _bit_flips_in_the_head,
    _bit_flips,
)


def _boxes_swapped(data: bytes, random: Random) -> bytes:
    """Swap two boxes of MP4, or put one into another."""
    boxes, place = [], 0
    while place + 8 <= len(data):
        size = max(8, int.from_bytes(data[place : place + 4], "big"))
        boxes.append(data[place : place + size])
        place += size
    order = random.permutation(len(boxes))
    return b"".join(boxes[i] for i in order)


def _box_huge(data: bytes, random: Random) -> bytes:
    """Let the number of entries of a table of MP4 be huge."""
    tables = [
        place for name in (b"stsz", b"stco", b"stts", b"stsc", b"elst", b"ctts") if (place := data.find(name)) > 0
    ]
    if not tables:
        return _huge_number_anywhere(data, random)
    place = tables[int(random.integers(len(tables)))] + 8
    return data[:place] + b"\x7f\xff\xff\xf0" * 2 + data[place + 8 :]


def _size_huge(data: bytes, random: Random) -> bytes:
    """Let a PNG, BMP, PPM or TIFF claim a huge size."""
    if data.startswith(b"\x89PNG"):
        head = b"IHDR" + struct.pack(">II", *random.choice([1, 40_000, 2**31 - 1], 2).tolist()) + data[24:29]
        return data[:12] + head + struct.pack(">I", zlib.crc32(head)) + data[33:]
    if data.startswith(b"BM"):
        return data[:18] + struct.pack("<ii", *random.choice([1, -(2**31), 40_000, 2**31 - 1], 2).tolist()) + data[26:]
    if data[:1] == b"P":
        return data.replace(b"64 48", [b"999999 999999", b"8192 8192", b"0 0", b"-1 48"][int(random.integers(4))], 1)
    return _huge_number_in_the_head(data, random)


def _value_changed(data: bytes, random: Random) -> bytes:
    """Put another value into JSON."""
    document = json.loads(data)
    _alter(document, random)
    return json.dumps(document).encode()


def _alter(node: Any, random: Random) -> None:  # noqa: ANN401 - any JSON
    while isinstance(node, dict | list) and node:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = keys[int(random.integers(len(keys)))]
        if not isinstance(node[key], dict | list) or not node[key] or random.integers(3) == 0:
            node[key] = _VALUES[int(random.integers(len(_VALUES)))]
            return
        node = node[key]


def _key_lost(data: bytes, random: Random) -> bytes:
    """Take a key out of JSON, or replace the whole."""
    document = json.loads(data)
    if isinstance(document, dict) and random.integers(4):
        del document[list(document)[int(random.integers(len(document)))]]
        return json.dumps(document).encode()
    return json.dumps(_VALUES[int(random.integers(len(_VALUES)))]).encode()


def _deep_or_long(data: bytes, random: Random) -> bytes:
    """Nest JSON or YAML deeply, or write a number with more digits than Python reads."""
    return (b"[" * 200_000, b'{"a":' * 200_000, b"9" * 5000, b'{"format": ' + b"9" * 5000 + b"}")[
        int(random.integers(4))
    ]


def _value_deep(data: bytes, random: Random) -> bytes:
    """Nest a value of a line deeply."""
    lines = data.decode().splitlines()
    row, depth = int(random.integers(len(lines))), int(random.choice([300, 1000, 5000]))
    lines[row] = lines[row].partition("=")[0] + "=" + "[" * depth + "]" * depth * int(random.integers(2))
    return "\n".join(lines).encode()


def _cell_changed(data: bytes, random: Random) -> bytes:
    """Put another value into a cell of a table or a line of text."""
    lines = data.decode().splitlines()
    row = int(random.integers(len(lines)))
    mark = "=" if "=" in lines[row] else ":" if ":" in lines[row] else ","
    cells = lines[row].split(mark)
    cells[int(random.integers(len(cells)))] = str(_VALUES[int(random.integers(len(_VALUES)))])
    lines[row] = mark.join(cells)
    return "\n".join(lines).encode("utf-8", "replace")


def _yaml_bomb(data: bytes, random: Random) -> bytes:
    """Multiply a list with anchors, or tag a value with a class of Python."""
    steps = [f"{chr(98 + i)}: &{chr(98 + i)} [{','.join([f'*{chr(97 + i)}'] * 9)}]" for i in range(9)]
    bomb = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "\n".join(steps)
    cyclic, python = "seed: &a [*a]\n", 'seed: !!python/object/apply:os.system ["true"]\n'
    return [bomb.encode(), cyclic.encode(), python.encode(), b"seed: " + b"[" * 5000][int(random.integers(4))]


def _array_changed(data: bytes, random: Random) -> bytes:
    """Put other arrays into an .npz archive: of another type or shape, a pickle, or zeros that unpack to 3 GB."""
    with np.load(io.BytesIO(data)) as archive:
        arrays: dict[str, Any] = dict(archive)
    name = list(arrays)[int(random.integers(len(arrays)))]
    others: list[Any] = [np.array("x"), np.zeros(0), np.full((2, 1, 68, 3), np.nan, np.float32), np.array([1, 2, 3])]
    others += [
        np.array({"a": 1}, dtype=object),
        np.array(1j),
        np.zeros((2, 0, 68, 3), np.float32),
        np.array([-(2**62)]),
    ]
    choice = int(random.integers(len(others) + 2))
    memory = io.BytesIO()
    if choice < len(others):
        np.savez_compressed(memory, allow_pickle=True, **{**arrays, name: others[choice]})
        return memory.getvalue()
    head = io.BytesIO()
    frames = 4_000_000 if choice == len(others) else 10**15
    described = {"descr": "<f4", "fortran_order": False, "shape": (frames, 1, 68, 3)}
    np.lib.format.write_array_header_1_0(head, described)
    with (
        zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed,
        packed.open("points.npy", "w", force_zip64=True) as file,
    ):
        file.write(head.getvalue())
        for _ in range(frames * 816 // 2**24 if choice == len(others) else 1):
            file.write(bytes(2**24))
    return memory.getvalue()


def _array_header_changed(data: bytes, random: Random) -> bytes:
    """Let the header of an array claim another shape or type."""
    old = [b"(3, 2, 8, 8)", b"'<f2'"][int(random.integers(2))]
    new = [b"(3**99,2,8,8)", b"()", b"(-1, 2, 8, 8)", b"'|O'", b"(10**15,2,8,8)", b"'<U9'", b"(3, 2, 8)"]
    return data.replace(old, new[int(random.integers(len(new)))], 1)


def _header_changed(data: bytes, random: Random) -> bytes:
    """Change a value in the header of safetensors, or the length of the header."""
    length = int.from_bytes(data[:8], "little")
    if random.integers(4) == 0:
        return struct.pack("<Q", int(random.choice([0, 1, 2**40, 2**63 - 1]))) + data[8:]
    document = json.loads(data[8 : 8 + length])
    _alter(document, random)
    head = json.dumps(document).encode()
    return struct.pack("<Q", len(head)) + head + data[8 + length :]


def _tensor_changed(data: bytes, random: Random) -> bytes:
    """Put a tensor of another shape or type into safetensors, or take one away."""
    from safetensors.torch import load, save

    length = int.from_bytes(data[:8], "little")
    metadata = json.loads(data[8 : 8 + length])["__metadata__"]
    tensors = load(data)
    name = list(tensors)[int(random.integers(len(tensors)))]
    others = [torch.zeros(0), torch.zeros(()), torch.zeros(1, 2, 3), torch.full((2,), 9, dtype=torch.int64), None]
    other = others[int(random.integers(len(others)))]
    if other is None:
        del tensors[name]
    else:
        tensors[name] = other
    if random.integers(3) == 0:
        _alter(metadata, random)
        metadata = {key: str(value) for key, value in metadata.items()}
    return save(tensors, metadata)


def _content_changed(data: bytes, random: Random) -> bytes:
    """Put another value into a checkpoint: a setting, a tensor, a part, or the whole."""
    content = torch.load(io.BytesIO(data), weights_only=True)
    if random.integers(5) == 0:
        content = [torch.zeros(2), [content], 5, {"state_dict": {}}, content["state_dict"]][int(random.integers(5))]
    elif random.integers(2):
        _alter(content["hyper_parameters"], random)
    elif random.integers(2):
        weights = content["state_dict"]
        name = list(weights)[int(random.integers(len(weights)))]
        others = [torch.zeros(()), torch.zeros(1).expand(2**40), "x", torch.zeros(2, dtype=torch.complex64), None]
        weights[name] = others[int(random.integers(len(others)))]
    else:
        _alter(content, random)
    memory = io.BytesIO()
    torch.save(content, memory)
    return memory.getvalue()


def _networks_huge(data: bytes, random: Random) -> bytes:
    """Let the settings of a checkpoint ask for networks that no memory holds."""
    content = torch.load(io.BytesIO(data), weights_only=True)
    settings = content["hyper_parameters"]
    part, key = [("generator", "base_channels"), ("generator", "blocks"), ("discriminators", "image")][
        int(random.integers(3))
    ]
    huge = int(random.choice([4096, 10**6, 2**40]))
    settings[part] = {**settings[part], key: {"base_channels": huge} if key == "image" else huge}
    memory = io.BytesIO()
    torch.save(content, memory)
    return memory.getvalue()


_SPECIAL: dict[str, tuple[Callable[[bytes, Random], bytes], ...]] = {
    "json": (_deep_or_long, _key_lost, _value_changed, _value_changed, _value_changed, _value_changed),
    "mp4": (_boxes_swapped, _box_huge, _box_huge),
    "mov": (_boxes_swapped, _box_huge),
    "png": (_size_huge,),
    "bmp": (_size_huge,),
    "ppm": (_size_huge,),
    "pgm": (_size_huge,),
    "csv": (_cell_changed, _cell_changed),
    "txt": (_value_deep, _cell_changed, _cell_changed),
    "yaml": (_deep_or_long, _yaml_bomb, _yaml_bomb, _cell_changed, _cell_changed),
    "npz": (_array_changed, _array_changed, _array_changed),
    "npy": (_array_header_changed, _array_header_changed),
    "safetensors": (_header_changed, _tensor_changed, _tensor_changed),
    "ckpt": (_networks_huge, _content_changed, _content_changed, _content_changed),
}
"""Damage that only files of this ending can have."""
