"""The precision of a training."""

from typing import Literal, cast, get_args

import torch

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
            f"trainer.precision={wanted} needs a GPU; on a CPU take trainer.precision=auto, which is bf16-mixed where "
            "the processor computes in bfloat16 and 32-true elsewhere."
        )
    if wanted != "auto":
        return cast("Precision", wanted)
    native = on_cuda and torch.cuda.is_bf16_supported(including_emulation=False)
    # older versions of torch do not report capabilities; float32 is right everywhere
    if on_cpu and hasattr(torch.cpu, "get_capabilities"):
        native = any(torch.cpu.get_capabilities().get(name, False) for name in _NATIVE_ON_CPU)
    return "bf16-mixed" if native else "32-true"


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
