"""What a person asks for beside a rotation: `find` and `doctor`. They read only."""
