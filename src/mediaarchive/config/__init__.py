"""TOML → Settings: who set what, and unknown keys refused with "did you mean".

`settings` is the table of every setting, `event` what event.toml may say, `loading` reads them and remembers who set what.
"""

from mediaarchive.config.event import EventFacts, NotHere, load_event
from mediaarchive.config.loading import Loaded, load_settings
from mediaarchive.config.settings import Settings

__all__ = ["EventFacts", "Loaded", "NotHere", "Settings", "load_event", "load_settings"]
