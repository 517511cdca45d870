"""Foretells one regular series of numbers: methods, their backtest, the choice between them, calibrated bands.

from flowd.analytics.forecasting.foretelling import forecast    # all of it
forecast(values, season, horizon, methods=builtin_methods(), levels=LEVELS, nonnegative=False) -> Forecast

methods.builtin_methods() -> Sequence[Method]
rolling.backtest(values, season, horizon, methods, *, origins=24) -> Backtest
choosing.choose(backtest) -> Choice
calibrating.calibrate(errors, horizon, levels) -> Bands
"""
