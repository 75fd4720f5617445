"""Azure Firewall. ``rule_collections`` says what it can express; the others write it."""
