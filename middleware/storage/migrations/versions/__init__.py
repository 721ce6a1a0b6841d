"""One module per revision, v0001 onwards."""
