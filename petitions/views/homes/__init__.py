"""Homes: what each role finds when the day begins."""
