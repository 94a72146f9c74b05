"""The migrations, in order. Lives here: one file per change. A released one is never edited."""
