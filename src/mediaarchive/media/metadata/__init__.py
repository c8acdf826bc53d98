"""What a file says of itself in EXIF, IPTC and XMP: when, with what, by whom, and which texts; never where."""

from mediaarchive.media.metadata.junk import says_nothing
from mediaarchive.media.metadata.merge import Metadata
from mediaarchive.media.metadata.reading import read_metadata, read_xmp_sidecar
from mediaarchive.media.metadata.when import taken_from_name

__all__ = ["Metadata", "read_metadata", "read_xmp_sidecar", "says_nothing", "taken_from_name"]
