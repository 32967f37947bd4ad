"""What happens to who is above their limit of Docker's store: decided, recorded, then done."""
