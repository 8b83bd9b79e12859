"""How a Shopware shop puts things on the wire: PHP's JSON, its signatures, its HTTP client. No shop in here."""
