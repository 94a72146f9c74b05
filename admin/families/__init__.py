"""The page for families: an application of its own on an address of its own, without accounts and without script."""
