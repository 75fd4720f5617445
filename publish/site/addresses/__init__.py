"""Where things are on the site: paths that stay as long as what they lead to."""
