"""What every plain HTTP service with JSON answers needs, and no adapter writes again."""
