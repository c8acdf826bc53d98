"""Whether what was published is still there, and what to do where it isn't."""
