"""Who finds texts for an item: the file itself, its sidecars, the sheet; and the template that admits there is none."""

from mediaarchive.captioners.found import EmbeddedCaptioner, SheetCaptioner, SidecarCaptioner
from mediaarchive.captioners.template import TemplateCaptioner

__all__ = ["EmbeddedCaptioner", "SheetCaptioner", "SidecarCaptioner", "TemplateCaptioner"]
