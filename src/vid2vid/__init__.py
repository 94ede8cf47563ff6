"""Video-to-video synthesis."""
