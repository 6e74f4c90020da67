"""`inventory`: every key of the account and of its organizations, and what stands out about each."""
