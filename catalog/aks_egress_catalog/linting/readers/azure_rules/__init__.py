"""What the rules of Azure Firewall mean: keys, surroundings, services and destinations in, values of rules out."""
