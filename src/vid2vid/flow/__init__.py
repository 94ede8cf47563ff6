"""Flow estimators: the reference flow w of Eq. 8 where the data does not bring it. Frozen, never in a checkpoint."""

from collections.abc import Callable

from vid2vid.config import FlowEstimatorConfig
from vid2vid.flow.dis import DIS
from vid2vid.flow.estimator import FlowEstimator, forward_backward_confidence, photometric_confidence
from vid2vid.flow.raft import RAFT

__all__ = [
    "DIS",
    "FLOW_ESTIMATORS",
    "RAFT",
    "FlowEstimator",
    "forward_backward_confidence",
    "load_flow_estimator",
    "photometric_confidence",
]

FLOW_ESTIMATORS: dict[str, Callable[[str], FlowEstimator]] = {"dis": lambda _: DIS(), "raft": RAFT}
"""The flow estimators by name, each made from the path of its weights."""


def load_flow_estimator(config: FlowEstimatorConfig) -> FlowEstimator:
    """Make the flow estimator that the settings name.

    Raises:
        ConfigError: Its weights are missing.
        MissingExtraError: The package that it needs is not installed.
    """
    return FLOW_ESTIMATORS[config.kind](config.weights)
