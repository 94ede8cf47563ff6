"""Studies of what the paper could not do."""
