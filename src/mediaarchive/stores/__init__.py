"""Places to publish to: a folder, an S3-compatible bucket, memory; and wrappers that retry or only pretend."""
