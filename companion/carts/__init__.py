"""Links that rebuild a cart on another device: signed, expiring, without a person in them, kept nowhere."""
