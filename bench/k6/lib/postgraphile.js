// Questions to PostGraphile, whose schema is its own: operations with the same fields, ids as the database has them.
import { isPage, operation, post } from './graphql.js';
import { OPERATIONS, SUBJECT } from './settings.js';

const folder = `${OPERATIONS}/../bench/peers/postgraphile/operations`;
// Read for this subject alone: others run without the peers.
const texts = SUBJECT === 'postgraphile' ? { card: operation(`${folder}/card.graphql`), page: operation(`${folder}/cards.graphql`) } : {};

export const postgraphile = {
  card: (product) => post(texts.card, { id: product.uuid }, (answer) => answer.json('data.product.rowId') === product.uuid),
  page: (after) => post(texts.page, { first: 50, after }, (answer) => isPage(answer, 'data.products', after)),
};
