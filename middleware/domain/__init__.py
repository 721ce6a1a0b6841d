"""Rules of the town as pure functions on frozen values: stdlib and attrs only."""
