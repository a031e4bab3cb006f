"""Measuring the product at size: a database of N cases, requests against it, tables for the docs.

Started by `bin/bench`, which runs the servers around it. Nothing of the product imports this.
"""
