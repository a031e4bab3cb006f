"""Import (and later export) of other offices' files: formats as data, one way in for all."""
