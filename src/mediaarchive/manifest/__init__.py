"""The public manifest: its model, and everything generated from it."""
