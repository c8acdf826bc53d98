"""Dedupe: a hash proposes, an alignment proves, capture facts veto, a human overrides; nothing is ever deleted."""
