"""The session core: what all dialects of boxes and our own pages share. Nothing here knows a wire format."""
