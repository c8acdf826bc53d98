"""Pages made from manifests: the list of events, galleries, items' own pages, notices of removal."""
