"""One module for each provider: payloads to types, batches, fields, mutations."""
