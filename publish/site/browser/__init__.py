"""What the browser's scripts read: JSON files, fetched when they are needed, so that pages stay small."""
