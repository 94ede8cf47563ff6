"""Detectors of conditions in videos: face landmarks, poses and silhouettes of people, learned edges.

Detections are not repaired; see `vid2vid.keypoints` for that. The detectors are optional packages.
"""
