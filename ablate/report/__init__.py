"""Records on disk -> numbers -> figures -> pages. Importing this package costs nothing; its modules do."""
