"""Changes from a CSV file: read, judged against the last readings, stored as a preview that somebody may run."""
