"""Where the two readings of the contract meet: property tests, the state machine, and proofs of the suite."""
