"""REST v1 for the operator's billing: accounts, boxes, messages, tariffs and channels (portal-ministra.md §12)."""
