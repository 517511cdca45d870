"""Statements as PDF: the text of their pages, and a reader of postings that knows no bank by name."""
