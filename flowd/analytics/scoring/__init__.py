"""Scores what was foretold against what came: each sum once its days are over, and how well it goes month by month.

score(said, actual) -> Scores        vectorised: one entry per sum foretold
accuracy(…) -> list[Accuracy]        per subject, horizon and month
Scoring                              the study that keeps both
"""
