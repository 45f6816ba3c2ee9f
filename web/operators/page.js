import * as graphql from "./graphql.js";

/** What operators see of webhooks. The token stays in this page's memory: it is gone when the page is. */
let token = "";

const at = (id) => document.getElementById(id);

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const say = (text) => (at("message").textContent = text);

const moment = (iso) => element("time", { dateTime: iso, title: iso }, new Date(iso).toLocaleString());

const next = (iso) => (iso ? [" next ", moment(iso)] : []);

const badge = (state) => element("span", { className: `state ${state.toLowerCase()}` }, state.toLowerCase());

const replay = (list, mutation, { id }) =>
  element("button", { onclick: () => attempt(() => list.replayOne(mutation, id)) }, "Replay");

function offer(select, choices) {
  const chosen = select.value;
  select.replaceChildren(...choices.map(([value, text]) => element("option", { value }, text)));
  select.value = choices.some(([value]) => value === chosen) ? chosen : "";
}

/** Do something, and tell of what went wrong. */
async function attempt(act) {
  try {
    await act();
  } catch (failure) {
    say(failure.message);
  }
}

/** A list that is read page by page into its table, as its filters say. */
class List {
  constructor(name, { query, columns, row, filters, replayAll }) {
    Object.assign(this, { name, query, row, filters, replayAll });
    this.body = element("tbody");
    const titles = columns.map((title) => element("th", { scope: "col" }, title));
    at(name).replaceChildren(element("thead", {}, element("tr", {}, ...titles)), this.body);
    this.more = at(`${name}-more`);
    this.more.onclick = () => attempt(() => this.read(this.cursor));
    at(`${name}-refresh`).onclick = () => attempt(() => this.read());
    at(`${name}-replay-all`).onclick = () => attempt(() => this.replay());
  }

  async read(after = null) {
    const { page } = await graphql.ask(token, this.query, { ...this.filters(), after });
    const rows = page.nodes.map((node) => this.row(node));
    if (after) this.body.append(...rows);
    else this.body.replaceChildren(...rows);
    this.cursor = page.pageInfo.endCursor;
    this.more.hidden = !page.pageInfo.hasNextPage;
    at(this.name).classList.toggle("empty", this.body.childElementCount === 0);
  }

  async replay() {
    const { replayed } = await graphql.ask(token, this.replayAll, this.filters());
    say(`Being replayed: ${replayed}.`);
    await this.read();
  }

  async replayOne(mutation, id) {
    await graphql.ask(token, mutation, { id });
    say("It is being replayed.");
    await this.read();
  }
}

const events = new List("events", {
  query: graphql.EVENTS,
  columns: ["Received", "Sender", "Type", "Object", "State", "Attempts", "Why it failed", ""],
  filters: () => ({ state: at("events-state").value || null, provider: at("events-provider").value.trim() || null }),
  replayAll: graphql.REPLAY_EVENTS,
  row: (event) =>
    element(
      "tr",
      {},
      element("td", {}, moment(event.receivedAt)),
      element("td", {}, event.provider),
      element("td", { title: event.eventId }, event.type),
      element("td", {}, event.object ?? ""),
      element("td", {}, badge(event.state), ...next(event.nextAttemptAt)),
      element("td", {}, String(event.attempts)),
      element("td", {}, event.error ?? ""),
      element("td", {}, ...(event.state === "PARKED" ? [replay(events, graphql.REPLAY_EVENT, event)] : [])),
    ),
});

const deliveries = new List("deliveries", {
  query: graphql.DELIVERIES,
  columns: ["Made", "Type", "Endpoint", "State", "Attempts", ""],
  filters: () => ({ state: at("deliveries-state").value || null, endpoint: at("deliveries-endpoint").value || null }),
  replayAll: graphql.REPLAY_DELIVERIES,
  row: (delivery) =>
    element(
      "tr",
      {},
      element("td", {}, moment(delivery.createdAt)),
      element("td", { title: delivery.messageId }, delivery.type),
      element("td", {}, delivery.endpoint?.url ?? "(deleted)"),
      element("td", {}, badge(delivery.state), ...next(delivery.nextAttemptAt)),
      element("td", {}, attempts(delivery.attempts)),
      element("td", {}, ...(delivery.state === "PENDING" ? [] : [replay(deliveries, graphql.REPLAY_DELIVERY, delivery)])),
    ),
});

function attempts(made) {
  if (!made.length) return "none yet";
  const lines = made.map(({ at: when, status, error, latencyMs }) =>
    element("li", {}, moment(when), ` ${status ?? error}, ${Math.round(latencyMs)} ms`),
  );
  return element("details", {}, element("summary", {}, String(made.length)), element("ol", {}, ...lines));
}

/** Read a section; where this gateway has no such thing, its graph does not know it, and we do not show it. */
async function show(list, section, ...preparations) {
  try {
    for (const prepare of preparations) await prepare();
    await list.read();
  } catch (failure) {
    if (failure.code !== "GRAPHQL_VALIDATION_FAILED") throw failure;
    section.hidden = true;
  }
}

async function offerEndpoints() {
  const { endpoints } = await graphql.ask(token, graphql.ENDPOINTS);
  offer(at("deliveries-endpoint"), [
    ["", "any"],
    ...endpoints.map(({ id, url, disabled }) => [id, disabled ? `${url} (disabled)` : url]),
  ]);
}

async function open() {
  token = at("token").value;
  say("");
  const [first, second] = document.querySelectorAll("section");
  first.hidden = second.hidden = false;
  await show(events, first);
  await show(deliveries, second, offerEndpoints);
  if (first.hidden && second.hidden) say("This gateway neither takes webhooks nor sends any.");
  at("office").hidden = false;
}

const states = (...names) => [["", "any"], ...names.map((name) => [name, name.toLowerCase()])];
offer(at("events-state"), states("RECEIVED", "HANDLED", "SUPERSEDED", "PARKED"));
offer(at("deliveries-state"), states("PENDING", "DELIVERED", "DEAD"));
at("events-state").onchange = at("events-provider").onchange = () => attempt(() => events.read());
at("deliveries-state").onchange = at("deliveries-endpoint").onchange = () => attempt(() => deliveries.read());
at("entrance").onsubmit = (event) => {
  event.preventDefault();
  attempt(open);
};
