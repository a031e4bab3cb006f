"""What the text of a matter says about its category and its unit, learnt from past cases.

Pure arithmetic, no library: docs/adr/0019. `petitions.suggestions` asks it about a case.
"""
