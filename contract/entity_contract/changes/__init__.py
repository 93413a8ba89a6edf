"""What changed between two contracts, in words that a person who maintains a client understands."""
