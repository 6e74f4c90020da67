"""What a person asks for beside a rotation: `find`, `doctor` and `inventory`. They read only."""
