"""The store on PostgreSQL, for several processes; needs the extra `cluster`."""
