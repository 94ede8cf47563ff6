"""Tools beside training and synthesis: the doctor, the user study, the import of the reference's checkpoints."""
