"""Future prediction: the next label maps of a video, from which a video model synthesises frames."""
