"""How it travels. No word of the domain lives here."""
