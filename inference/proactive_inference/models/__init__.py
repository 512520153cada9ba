"""Language models: what they are asked, how they answer, and where they run."""
