"""Rules as data: JSON and CSV."""
