"""From the inbox to the archive: what lies there, what is taken in, what is refused, and what the report says of it."""
