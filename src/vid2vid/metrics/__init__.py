"""Measures of synthesised videos: each a function, and a `torchmetrics.Metric` that accumulates it over clips.

Videos are ``(B, T, 3, H, W)`` float in [-1, 1]. A metric is updated with a synthesised video and a `ReferenceClip`; its
states are in float64, and processes add theirs. `vid2vid.config.MEASURES` is the registry of what is reported.
"""
