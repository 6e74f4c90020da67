"""What follows from it. `machine` is the list of clauses in order; a file for each clause or family of guards."""
