"""The conformance runner: checks a deployment against the contract, one requirement at a time, and gives one verdict.

It never imports `server`: it is another reading of the same contract, and the two meet in `contract_tests` alone.
"""
