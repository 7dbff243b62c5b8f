// What shoppers who search ask of Storefront: what a text finds, and what it finds in a category with all that it can be narrowed down by.
import { operation, post } from './graphql.js';
import { OPERATIONS } from './settings.js';

const texts = {};
for (const name of ['search', 'facets']) texts[name] = operation(`${OPERATIONS}/${name}.graphql`);

/** A word of the shop finds something, also when it is mistyped. */
function hasFound(answer) {
  return answer.json('data.products.totalCount.count') > 0 && answer.json('data.products.nodes.#') > 0;
}

export function search(text) {
  return post(texts.search, { text }, hasFound);
}

export function facets(text, category) {
  const where = { category: { eq: category } };
  return post(texts.facets, { text, where }, (answer) => hasFound(answer) && answer.json('data.products.facets.#') > 0);
}
