"""The expressions of Terraform, Bicep and ARM in one form, and what they are worth where that can be known."""
