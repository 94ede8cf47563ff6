"""Evaluation of models on held-out clips, of predictors, and of videos in folders."""
