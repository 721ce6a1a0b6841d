"""Guide and schedule: pure model and codecs."""
