"""NVIDIA's implementations of vid2vid and pix2pixHD: import of their checkpoints, and proof of equal results.

Nothing here stems from their code: only names and shapes of tensors and recorded numbers are used.
"""
