"""What scripts/sample_inbox.py is made of: drawn photographs, their metadata, a film, and faults."""
