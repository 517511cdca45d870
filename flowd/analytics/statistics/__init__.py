"""How income is doing: statistics, trend, health, concentration, floor, tax, crossover and runway."""
