"""Facts about money and their arithmetic: pure, without I/O, the ground everything else stands on."""
