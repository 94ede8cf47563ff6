"""Ways to run the same trained F, in synthesis and in training, measured in turns."""
