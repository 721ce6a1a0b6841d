"""Use-cases: synchronous functions over a unit of work, one module per noun."""
