/** One query to the gateway that served the page. Throws an `Error` with what is wrong, for people. */
export async function ask(token, query, variables = {}) {
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  if (errors) {
    const { message, extensions } = errors[0];
    throw Object.assign(new Error(message), { code: extensions?.code });
  }
  return data;
}

export const EVENTS = `query Events($state: WebhookEventState, $provider: String, $after: String) {
  page: webhookEvents(state: $state, provider: $provider, first: 25, after: $after) {
    nodes { id provider eventId type object state attempts error receivedAt nextAttemptAt endedAt }
    pageInfo { hasNextPage endCursor }
  }
}`;

export const REPLAY_EVENT = `mutation ReplayEvent($id: ID!) { replayed: webhookReplayEvent(id: $id) { id } }`;

export const REPLAY_EVENTS = `mutation ReplayEvents($provider: String) {
  replayed: webhookReplayEvents(filter: { provider: $provider })
}`;

export const ENDPOINTS = `query Endpoints { endpoints: webhookEndpoints { id url disabled } }`;

export const DELIVERIES = `query Deliveries($state: WebhookDeliveryState, $endpoint: ID, $after: String) {
  page: webhookDeliveries(state: $state, endpoint: $endpoint, first: 25, after: $after) {
    nodes {
      id messageId type state nextAttemptAt createdAt endedAt
      endpoint { url }
      attempts { number at latencyMs status error }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

export const REPLAY_DELIVERY = `mutation ReplayDelivery($id: ID!) { replayed: webhookReplayDelivery(id: $id) { id } }`;

export const REPLAY_DELIVERIES = `mutation ReplayDeliveries($endpoint: ID) {
  replayed: webhookReplayDeliveries(filter: { state: DEAD, endpoint: $endpoint })
}`;
