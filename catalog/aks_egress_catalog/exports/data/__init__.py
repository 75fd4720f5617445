"""Rules as data: JSON, CSV, lines, and data for Open Policy Agent."""
