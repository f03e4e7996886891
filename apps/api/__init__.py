"""What every REST route shares: keys, scopes, idempotency, pagination, errors."""
