"""DVB service information (EN 300 468): text coding, descriptors, sections, EIT, packets and the carousel; all pure."""
