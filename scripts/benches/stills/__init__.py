"""What `scripts/bench render` is made of."""
