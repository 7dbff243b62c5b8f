// Questions to GraphQL servers: the texts of the operations, and what a right answer to each looks like.
import { OPERATIONS, STAFF_KEY } from './settings.js';

/** The text of an operation without the comment at its head, as clients send it. */
export function operation(path) {
  return open(path).replace(/^(#.*\n)+/, '');
}

/** A question by POST. It is answered when `data` is right and there are no errors. */
export function post(query, variables, isRight, headers) {
  return {
    method: 'POST',
    path: '/graphql',
    body: JSON.stringify({ query, variables }),
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    isRight: (answer) => answer.json('errors') === undefined && isRight(answer),
  };
}

const texts = {};
for (const name of ['product-card', 'product-cards', 'product-update']) texts[name] = operation(`${OPERATIONS}/${name}.graphql`);

/** What servers of Storefront's own schema are asked. */
export const storefrontSchema = {
  card: (product) => post(texts['product-card'], { id: product.id }, (answer) => answer.json('data.product.id') === product.id),
  page: (after) => post(texts['product-cards'], { first: 50, after }, (answer) => isPage(answer, 'data.products', after)),
  rename: (product, name) =>
    post(
      texts['product-update'],
      { id: product.id, name },
      (answer) =>
        answer.json('data.productUpdate.product.id') === product.id && answer.json('data.productUpdate.userErrors.#') === 0,
      { 'x-storefront-staff-key': STAFF_KEY },
    ),
  nameOf: (card) => card.json('data.product.name'),
};

/** A full page that goes on behind where it began. */
export function isPage(answer, connection, after) {
  const end = answer.json(`${connection}.pageInfo.endCursor`);
  return answer.json(`${connection}.nodes.#`) === 50 && typeof end === 'string' && end !== after;
}
