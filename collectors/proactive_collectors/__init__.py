"""What a person does at the machine, as typed events, and how they are kept."""
