"""The operator's head-end: service information on the air, as files and as datagrams."""
