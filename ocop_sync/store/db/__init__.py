"""The database itself: connections, transactions, the tables' versions, copies."""
