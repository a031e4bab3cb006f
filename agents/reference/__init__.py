"""Reference data shipped with the product, and loaders that may run again at any time."""
