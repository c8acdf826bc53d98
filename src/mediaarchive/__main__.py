"""`python -m mediaarchive`: the command line."""

from mediaarchive.cli import main

main()
