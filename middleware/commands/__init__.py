"""What `nanhu-tv` can do, one module per noun; middleware.cli puts them together."""
