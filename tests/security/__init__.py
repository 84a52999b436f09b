"""Nothing beyond loopback without a token, and secrets nowhere but where they are used."""
