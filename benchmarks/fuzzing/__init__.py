"""Damaged inputs, and a process that reads them."""
