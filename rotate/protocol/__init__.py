"""The pure core: facts in, the next moves or the verdict out. No clock, disk, network or randomness."""
