"""The last module that the fork server loads: the collector leaves alone what all workers share.

Python's collector writes into each object that it looks at, and so gives every worker a copy of the libraries' own.
"""

import gc

gc.collect()
gc.freeze()
