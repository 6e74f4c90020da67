"""What is known: keys, destinations, the note, the moves and how they ended, and what was asked."""
