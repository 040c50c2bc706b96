"""Who may do what: people, keys, links, sessions."""
