"""Contract suites for stores and engines: subclass one, and pytest tests your implementation."""
