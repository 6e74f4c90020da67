"""What the program costs, against limits: `make bench` prints one table and fails when something is over."""
