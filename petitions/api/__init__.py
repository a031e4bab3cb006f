"""The same cases over HTTP for programs."""
