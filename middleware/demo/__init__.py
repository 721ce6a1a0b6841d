"""The demonstration town: invented people, real proportions."""
