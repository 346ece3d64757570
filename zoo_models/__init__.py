"""The models of the zoo. Use them through `rnnzoo`."""
