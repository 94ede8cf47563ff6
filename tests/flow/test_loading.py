"""Settings name a flow estimator; its name is known without loading its network."""

from pathlib import Path

import torch
from torchvision.models.optical_flow import raft_large

from vid2vid.config import FlowEstimatorConfig
from vid2vid.flow.dis import DIS
from vid2vid.flow.loading import flow_estimator_name, load_flow_estimator
from vid2vid.flow.raft import RAFT


def test_it_is_dis_unless_the_settings_say_otherwise(tmp_path: Path) -> None:
    assert isinstance(load_flow_estimator(FlowEstimatorConfig()), DIS)
    weights = tmp_path / "raft.pth"
    torch.save(raft_large().state_dict(), weights)
    assert isinstance(load_flow_estimator(FlowEstimatorConfig("raft", str(weights))), RAFT)


def test_the_name_is_that_of_the_estimator(tmp_path: Path) -> None:
    weights = tmp_path / "raft.pth"
    torch.save(raft_large().state_dict(), weights)
    for config in (FlowEstimatorConfig(), FlowEstimatorConfig("raft", str(weights))):
        assert flow_estimator_name(config) == load_flow_estimator(config).name
