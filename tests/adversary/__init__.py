"""An attacker with the database owner's password and the server's signing key, tried against a filled instance."""
