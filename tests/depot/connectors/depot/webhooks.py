from tests.depot.webhooks import WEBHOOKS as WEBHOOKS
