"""Outside systems: one folder for one product, and none of them knows another."""
