"""The gym: one loop of environment, user and assistant. The replay of real histories is its first kind."""
