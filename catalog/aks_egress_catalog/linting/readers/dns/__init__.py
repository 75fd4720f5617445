"""Lists that a resolver keeps, and the filter whose sets it fills."""
