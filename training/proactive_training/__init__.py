"""From collected or published activity to the models that decide, and what they are worth."""
