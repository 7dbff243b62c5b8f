// Questions to servers with an address for each product.

function get(path, isRight) {
  return { method: 'GET', path, body: null, headers: { accept: 'application/json' }, isRight };
}

/** What the REST peer is asked. */
export const restApi = {
  card: (product) => get(`/products/${product.uuid}`, (answer) => answer.json('id') === product.uuid),
  page: (after) =>
    get(`/products?first=50${after ? `&after=${encodeURIComponent(after)}` : ''}`, (answer) => {
      const end = answer.json('endCursor');
      return answer.json('products.#') === 50 && typeof end === 'string' && end !== after;
    }),
  rename: (product, name) => ({
    method: 'PATCH',
    path: `/products/${product.uuid}`,
    body: JSON.stringify({ name }),
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    isRight: (answer) => answer.json('id') === product.uuid,
  }),
  nameOf: (card) => card.json('name'),
};

/** What the floors are asked; one of them gives the bytes that Storefront's answer has. */
export const floor = {
  card: (product) =>
    get(
      `/products/${product.uuid}`,
      (answer) => answer.json('id') === product.uuid || answer.json('data.product.id') === product.id,
    ),
};
