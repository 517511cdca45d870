"""Books of units that are held (coins, shares): what they cost and what they brought, by two methods."""
