"""Forms: what pages and the API take in, checked once."""
