"""Answers, for people: what became of a file, what a run would do."""
