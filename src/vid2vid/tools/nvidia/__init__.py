"""NVIDIA's implementations of vid2vid and pix2pixHD: their checkpoints, and recordings of what they compute.

Nothing here stems from their code: names and shapes of tensors and recorded numbers are all that is used.
"""
