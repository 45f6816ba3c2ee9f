"""One folder for each provider, discovered by its name: manifest, client, payloads, webhooks, sandbox."""
