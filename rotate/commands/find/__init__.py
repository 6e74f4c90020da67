"""`find`: where a secret is, and who mentions it."""
