"""Text in, records and their values out: JSON, CSV, the tables of Azure, hosts, ports and times. Decoders share it."""
