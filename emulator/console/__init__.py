"""What a person looks at: the JSON under /_ebl."""
