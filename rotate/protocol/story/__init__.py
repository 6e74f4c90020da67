"""What is told of it. Reads facts and decisions; neither reads it."""
