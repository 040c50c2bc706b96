"""From the wanted listing and the state to a decision and its changes."""
