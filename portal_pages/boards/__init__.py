"""Pages and moves of each of the six boards."""
