"""The product on SQLite and the broker made of files."""
