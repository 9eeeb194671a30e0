"""What a person set right, and how it is laid over every later run."""
