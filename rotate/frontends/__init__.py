"""Who started us. The only room that reads the environment."""
