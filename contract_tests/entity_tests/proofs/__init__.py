"""Proofs of the suite: every fault is found, and no allowed behaviour is accused."""
