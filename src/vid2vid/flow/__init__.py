"""Flow estimators: the reference flow w of Eq. 8 for data without flows. They are frozen, and not in checkpoints.

Nothing is imported here, since `vid2vid.flow.store` and the processes that render streets need no torch.
"""
