"""Speak to Postmart: REST, OAuth2, reviews followed by track id."""
