"""PostgreSQL under the house: connections, the owner's role and the application's, what each may do."""
