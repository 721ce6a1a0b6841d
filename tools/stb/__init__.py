"""A set-top box in a terminal, to try an installation: `python -m tools.stb --help`.

The clients are written from the protocols as boxes speak them and share no code with the server, so that a mistake of
the one is not hidden by the same mistake of the other. Each dialect is a sans-I/O client: its flows are generators that
yield an `Ask`, are sent the `Answer`, and return what was learned.
"""
