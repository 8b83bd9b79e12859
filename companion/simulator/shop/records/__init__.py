"""The shop's records: what entities there are, where they are kept, how a criteria finds and an encoder shows them."""
