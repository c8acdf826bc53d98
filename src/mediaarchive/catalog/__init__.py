"""What the archive knows: the journal, which can't be derived, and the catalog, which can."""

from mediaarchive.catalog.catalog import Arrival, Catalog, Event, Published
from mediaarchive.catalog.inbox import Answer, Given, Look
from mediaarchive.catalog.journal import Journal

__all__ = ["Answer", "Arrival", "Catalog", "Event", "Given", "Journal", "Look", "Published"]
