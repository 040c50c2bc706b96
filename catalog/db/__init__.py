"""The catalog in a database: its rows, what is kept of imports, who said what."""
