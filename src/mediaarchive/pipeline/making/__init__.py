"""From an event's rows to its items: grouped, described, rendered."""
