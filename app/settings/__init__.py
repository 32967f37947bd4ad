"""Settings: read once from a JSON file, validated, frozen. What is wrong is said in one line that names the key."""
