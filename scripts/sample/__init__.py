"""What scripts/sample_inbox.py is made of: drawn photographs, the metadata in them, a film, and what is wrong with some."""
