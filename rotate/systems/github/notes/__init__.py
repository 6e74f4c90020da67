"""The note and the lock in Actions variables."""
