"""Where notes and the lock outlive the run."""
