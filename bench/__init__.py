"""What the program costs, against limits: `python -m bench` (or `make bench`) prints one table and fails over a limit."""
