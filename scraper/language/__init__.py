"""What words mean: headings, sentences about circumstances, endpoints that running text names."""
