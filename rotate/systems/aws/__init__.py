"""AWS: secrets of Secrets Manager, parameters of Systems Manager's Parameter Store."""
