"""Doctor: what works on this machine and in its stores, found out by doing it, never by a name or a version."""
