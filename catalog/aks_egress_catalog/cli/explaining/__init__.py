"""The command ``explain``: over logs, or as queries for the engine that holds them."""
