"""One value of a text file is replaced, and every other byte stays as it was. Knows no system and no key."""
