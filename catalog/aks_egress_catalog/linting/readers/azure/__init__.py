"""The formats that Azure Firewall is configured in, one module each: Terraform, its plans, Bicep, ARM, az."""
