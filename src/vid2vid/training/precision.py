"""The precision of a training."""

from typing import Literal, cast, get_args

import torch

from vid2vid.config.synthesis import SYNTHESIS_PRECISIONS
from vid2vid.errors import ConfigError, choose

Precision = Literal["32-true", "bf16-mixed", "16-mixed"]
_NATIVE_ON_CPU = ("avx512_bf16", "amx_bf16")


def choose_precision(wanted: str, accelerator: str) -> Precision:
    """Return the precision for Lightning's Trainer.

    A processor without instructions for bfloat16 emulates it, up to fifty times slower than float32.

    Args:
        wanted: ``auto`` (bfloat16 where the device computes in it, else float32), or one of Lightning's.
        accelerator: As Lightning's Trainer takes it.

    Raises:
        ConfigError: It cannot train (`refuse_precision`), or is float16 on a CPU, where torch would silently take
            bfloat16.
    """
    refuse_precision(wanted)
    choose(wanted, ("auto", *get_args(Precision)), "trainer.precision")
    on_cuda = accelerator in ("gpu", "cuda", "auto") and torch.cuda.is_available()
    on_cpu = accelerator == "cpu" or (accelerator == "auto" and not on_cuda and not torch.backends.mps.is_available())
    if wanted.startswith("16") and on_cpu:
        raise ConfigError(
            f"trainer.precision={wanted} needs a GPU; on a CPU use trainer.precision=auto, which is bf16-mixed where "
            "the processor computes in bfloat16 and 32-true elsewhere."
        )
    if wanted != "auto":
        return cast("Precision", wanted)
    return "bf16-mixed" if computes_in_bfloat16("cuda" if on_cuda else "cpu" if on_cpu else "mps") else "32-true"


def computes_in_bfloat16(device: str) -> bool:
    """Whether a type of device (``cpu``, ``cuda``, ...) has instructions for bfloat16; if not, bfloat16 is slow."""
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # older versions of torch do not report capabilities; float32 is right everywhere
    if device == "cpu" and hasattr(torch.cpu, "get_capabilities"):
        return any(torch.cpu.get_capabilities().get(name, False) for name in _NATIVE_ON_CPU)
    return False


def synthesis_precision(wanted: str, device: torch.device) -> str:
    """Return the precision in which a device synthesises.

    Args:
        wanted: ``auto`` (bfloat16 where the device computes in it, else float32), ``32``, ``bf16`` or ``16``.
        device: The device.

    Returns:
        ``32``, ``bf16`` or ``16``.

    Raises:
        ConfigError: It is none of these, or float16 on a CPU.
    """
    choose(wanted, SYNTHESIS_PRECISIONS, "precision")
    if wanted == "16" and device.type == "cpu":
        raise ConfigError("precision=16 needs a GPU; on a CPU use precision=bf16 if the CPU supports it, or 32.")
    return wanted if wanted != "auto" else "bf16" if computes_in_bfloat16(device.type) else "32"


def refuse_precision(precision: str) -> None:
    """Refuse precisions of Lightning in which the weights are not float32.

    Raises:
        ConfigError: F, D_I and D_V cannot train in it.
    """
    known = ("auto", *get_args(Precision))
    if precision.endswith(("-true", "transformer-engine", "-float16")) and precision not in known:
        raise ConfigError(
            f"trainer.precision={precision} cannot work: F, D_I and D_V train with weights in float32 only. Choose one "
            f"of: {', '.join(known)}."
        )
