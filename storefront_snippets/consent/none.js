// No consent needed: a merchant's decision.
consent.check = () => true;
