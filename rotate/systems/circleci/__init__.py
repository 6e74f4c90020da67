"""CircleCI: variables of contexts and of projects."""
