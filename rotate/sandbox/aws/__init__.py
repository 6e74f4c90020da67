"""A pretend AWS: Secrets Manager, Parameter Store, and STS for the identity of a job."""
