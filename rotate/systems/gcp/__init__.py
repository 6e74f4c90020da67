"""Google Cloud: secrets of Secret Manager, of every location and of one."""
