"""The engine: it runs feeds on time, each connection walled off from the others, and keeps what they bring."""
