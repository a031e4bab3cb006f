"""What dies in the middle loses nothing and does nothing twice."""
