"""Settings of the evaluation: defaults and bounds."""

import pytest

from vid2vid.config import EvaluationConfig, build
from vid2vid.errors import ConfigError


@pytest.mark.parametrize(
    ("name", "value", "least"), [("window", 0, 1), ("stride", 0, 1), ("bootstrap", -1, 0), ("first_object", -1, 0)]
)
def test_numbers_that_are_too_small_are_refused(name: str, value: int, least: int) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be at least {least}, but is {value}"):
        build(EvaluationConfig, {name: value}, "evaluate")
    assert getattr(build(EvaluationConfig, {name: least}, "evaluate"), name) == least
