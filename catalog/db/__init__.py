"""The catalog in a database: its rows, the record of imports, and who said so."""
