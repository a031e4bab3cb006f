"""Tests, one folder per app mirroring it."""
