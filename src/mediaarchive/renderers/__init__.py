"""From an original to its renditions: still pictures, and films through ffmpeg."""
