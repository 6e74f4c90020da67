"""Railway: variables of services, and those that an environment shares."""
