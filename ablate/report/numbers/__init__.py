"""The statistics of a study: arrays and data frames in and out, in fractions. No plots, no disk."""
