"""The verdict and the formats in which a run is told. Pure, but for the files that are written."""
