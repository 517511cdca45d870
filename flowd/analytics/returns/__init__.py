"""What money returned: time-weighted, money-weighted, gain and loss, and the risk on the way, over arrays of days."""
