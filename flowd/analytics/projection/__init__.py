"""Foretells income: from a history to joint paths of all streams, their quantiles, months, sums and chances of goals.

outlook(history, horizon_days=180, …) -> Outlook          what is said of every stream, group and the total
goal_outlooks(history, outlook) -> list[GoalOutlook]      how likely each goal is, and when
Projection                                                the study that keeps all of it
"""
