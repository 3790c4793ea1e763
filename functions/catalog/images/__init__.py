"""Pictures of products: uploaded to S3 by who is shown a signed link, looked at, and then shown."""
