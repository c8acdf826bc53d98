"""What people decide about items: takedown with proof, and the decisions that the next release respects."""
