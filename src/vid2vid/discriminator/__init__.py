"""D_I and D_V, the conditional image and video discriminators, and the operators φ_I and φ_V that feed them."""
