"""Keypoints of faces and people: read, repaired, mirrored and drawn as conditions.

numpy and OpenCV only; nothing here needs torch.
"""
