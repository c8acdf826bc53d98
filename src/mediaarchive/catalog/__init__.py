"""What the archive knows: the journal, which can't be derived, the catalog, which can, and machines' drafts."""

from mediaarchive.catalog.catalog import Arrival, Catalog, Event, Published
from mediaarchive.catalog.drafts import Drafts
from mediaarchive.catalog.inbox import Answer, Given, Look
from mediaarchive.catalog.journal import Journal

__all__ = ["Answer", "Arrival", "Catalog", "Drafts", "Event", "Given", "Journal", "Look", "Published"]
