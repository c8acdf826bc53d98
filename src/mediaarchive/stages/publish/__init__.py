"""Publish: an event's rows, folded into its manifest. Pure: the same rows give the same bytes, whatever the order of arrival."""
