"""What plugin authors test with: fakes, suites and golden files; nothing in flowd imports it."""
