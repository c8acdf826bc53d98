"""The five verbs: ingest, dedupe, describe, render (with film), publish. Pure functions; they see ports, never stores."""
