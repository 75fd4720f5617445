"""Files of Terraform in, blocks and values out: what a file defines, what its folder defines, other providers."""
