"""Buying and what follows: prices, orders, their states, the newsletter. Makes documents; sends nothing."""
