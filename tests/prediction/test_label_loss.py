"""The loss of predicted label maps."""

import torch

from vid2vid.prediction.label_loss import label_loss


def test_the_loss_is_the_cross_entropy_of_the_true_classes() -> None:
    maps = torch.tensor([[0.25, 0.9], [0.75, 0.1]]).view(1, 2, 1, 2)
    wanted = torch.tensor([[1, 0]]).view(1, 1, 1, 2)
    expected = -(torch.tensor([0.75, 0.9]).log()).mean()
    torch.testing.assert_close(label_loss(maps, wanted), expected)
