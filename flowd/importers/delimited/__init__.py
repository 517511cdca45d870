"""Reading bank files of delimited text (CSV and its cousins): by a profile, or by a guess that says itself."""
