"""The chores of a release of this repository: what CHANGELOG.md must announce, and the copy of the contract."""
