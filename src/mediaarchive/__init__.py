"""A photo and media archive: from a photographer's folder to a published, described gallery whose URLs last.

Importing this package does nothing: no setting is read, no file is touched, no heavy library is loaded.
"""

__version__ = "0.1.0"
