"""Models, and the one door to them."""
