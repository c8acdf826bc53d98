"""Films as people make them at an event, and what they send each other of these."""
