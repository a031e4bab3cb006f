"""A district's cases for looking around: invented people, real rules. Made by performing steps."""
