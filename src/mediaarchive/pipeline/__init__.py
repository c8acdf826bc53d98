"""Plan (wished minus actual) → engine → catalog: the one loop. `run` is where to begin; it alone wires the stages and acts."""
