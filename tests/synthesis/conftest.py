"""Fixtures of the tests of the synthesis."""

import pytest
import torch


@pytest.fixture(autouse=True)
def no_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let precision=auto be float32 on every processor: frames are compared with those of roll-outs in float32."""
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict, raising=False)
