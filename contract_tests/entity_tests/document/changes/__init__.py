"""What changed between two contracts, and what a release must announce."""
