"""Text in, expressions and trees with places out: HCL, Bicep, ARM expressions, shell words."""
