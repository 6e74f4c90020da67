"""The pretend GitHub: what it keeps, its routes and its limits."""
