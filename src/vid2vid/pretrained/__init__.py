"""Frozen networks with their weights."""
