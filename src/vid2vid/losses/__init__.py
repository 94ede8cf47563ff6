"""The learning objective (Eq. 5) and its terms."""
