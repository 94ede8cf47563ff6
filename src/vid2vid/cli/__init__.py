"""The command line: one verb a file; the only home of Hydra."""
