"""Checkpoints: written safely, read weights-only, resumed, loaded in part."""
