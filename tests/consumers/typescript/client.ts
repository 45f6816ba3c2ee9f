// A program that somebody might write against the gateway: typed queries by fetch, and nothing else.
// node client.js http://127.0.0.1:8000/graphql
import { graphql } from './generated';
import { TypedDocumentString } from './generated/graphql';

async function ask<Data, Variables>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const response = await fetch(process.argv[2], {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query: document.toString(), variables }),
  });
  const { data, errors } = await response.json();
  if (errors) {
    throw new Error(JSON.stringify(errors));
  }
  return data;
}

const Customers = graphql(`
  query Customers($first: Int, $after: String) {
    stripe {
      customers(first: $first, after: $after) {
        nodes {
          id
          name
          createdAt
          charges(first: 1) {
            nodes {
              amount {
                minorUnits
                currency
              }
              status
            }
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

const ById = graphql(`
  query ById($id: ID!) {
    node(id: $id) {
      __typename
      ... on StripeCustomer {
        name
      }
    }
  }
`);

const Pay = graphql(`
  mutation Pay($input: StripePaymentIntentInput!) {
    stripeCreatePaymentIntent(input: $input) {
      __typename
      ... on StripePaymentIntentCreated {
        paymentIntent {
          amount {
            minorUnits
          }
          status
        }
      }
      ... on StripeCardDeclined {
        declineCode
      }
    }
  }
`);

async function main(): Promise<void> {
  const names: string[] = [];
  let after: string | null = null;
  let last = '';
  do {
    const page: Awaited<ReturnType<typeof firstThree>> = await firstThree(after);
    for (const customer of page?.nodes ?? []) {
      if (!customer) {
        continue;
      }
      names.push(customer.name ?? customer.id);
      last = customer.id;
    }
    after = page?.pageInfo.endCursor ?? null;
  } while (after && names.length < 9);
  console.log(names.join(', '));

  const { node } = await ask(ById, { id: last });
  if (node?.__typename === 'StripeCustomer') {
    console.log(node.name);
  }

  const { stripeCreatePaymentIntent: payment } = await ask(Pay, { input: { amount: 1999, currency: 'eur' } });
  if (payment?.__typename === 'StripePaymentIntentCreated') {
    console.log(payment.paymentIntent.amount.minorUnits, payment.paymentIntent.status);
  }
}

async function firstThree(after: string | null) {
  const { stripe } = await ask(Customers, { first: 3, after });
  return stripe.customers;
}

void main();
