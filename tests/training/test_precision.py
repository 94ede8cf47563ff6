"""Which numbers a training computes with, by what the device can."""

import pytest
import torch

from vid2vid.errors import ConfigError
from vid2vid.training.precision import choose_precision, refuse_precision, synthesis_precision


@pytest.mark.parametrize(
    ("capability", "wanted"), [("avx512_bf16", "bf16-mixed"), ("amx_bf16", "bf16-mixed"), ("avx2", "32-true")]
)
def test_a_cpu_takes_bfloat16_only_if_it_has_instructions_for_it(
    monkeypatch: pytest.MonkeyPatch, capability: str, wanted: str
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True, capability: True}, raising=False)
    assert choose_precision("auto", "cpu") == wanted


def test_a_torch_that_does_not_tell_gets_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert choose_precision("auto", "cpu") == "32-true"


@pytest.mark.parametrize("native", [True, False])
def test_a_gpu_takes_bfloat16_only_if_it_does_not_emulate_it(monkeypatch: pytest.MonkeyPatch, native: bool) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: native)
    assert choose_precision("auto", "gpu") == ("bf16-mixed" if native else "32-true")


def test_what_is_wanted_is_given() -> None:
    assert choose_precision("bf16-mixed", "cpu") == "bf16-mixed"
    assert choose_precision("32-true", "gpu") == "32-true"


def test_float16_on_a_cpu_is_refused_not_replaced() -> None:
    with pytest.raises(ConfigError, match=r"trainer\.precision=16-mixed needs a GPU"):
        choose_precision("16-mixed", "cpu")


def test_an_unknown_precision_is_named() -> None:
    with pytest.raises(ConfigError, match=r"trainer\.precision"):
        choose_precision("bf17", "cpu")


@pytest.mark.parametrize("precision", ["64-true", "bf16-true", "16-true", "transformer-engine"])
def test_weights_other_than_float32_are_refused(precision: str) -> None:
    with pytest.raises(ConfigError, match=f"precision={precision} cannot work: .* float32 only"):
        refuse_precision(precision)


@pytest.mark.parametrize(("capability", "wanted"), [("avx512_bf16", "bf16"), ("amx_bf16", "bf16"), ("avx2", "32")])
def test_synthesis_takes_bfloat16_only_where_there_are_instructions_for_it(
    monkeypatch: pytest.MonkeyPatch, capability: str, wanted: str
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {capability: True}, raising=False)
    assert synthesis_precision("auto", torch.device("cpu")) == wanted
    assert synthesis_precision("bf16", torch.device("cpu")) == "bf16"
    assert synthesis_precision("16", torch.device("cuda")) == "16"


def test_synthesis_in_float16_needs_a_gpu() -> None:
    with pytest.raises(ConfigError, match="precision=16 needs a GPU"):
        synthesis_precision("16", torch.device("cpu"))
    with pytest.raises(ConfigError, match="precision"):
        synthesis_precision("64", torch.device("cpu"))
