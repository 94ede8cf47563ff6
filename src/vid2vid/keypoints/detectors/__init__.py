"""Detectors of conditions in videos: landmarks of faces, poses and silhouettes of people, learned edges.

Detections are not yet repaired; see `vid2vid.keypoints`. The detectors are optional packages.
"""
