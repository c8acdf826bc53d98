"""From items to releases, and from releases to stores, in the order that keeps every reader's view whole."""
