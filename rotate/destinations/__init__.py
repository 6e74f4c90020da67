"""Who must hold the new value."""
