"""One module per command of `flowd`; each is loaded only when it is called."""
