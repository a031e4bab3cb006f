"""Who is in charge of what: people, units, areas, categories, charges. Imports no other app."""
