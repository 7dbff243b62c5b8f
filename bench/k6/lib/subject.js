// Each subject by its name: how it is asked for a card, for a page and for a rename, and where a card says the name.
import { storefrontSchema } from './graphql.js';
import { postgraphile } from './postgraphile.js';
import { floor, restApi } from './rest.js';
import { SUBJECT } from './settings.js';

const subjects = {
  storefront: storefrontSchema,
  mercurius: storefrontSchema,
  yoga: storefrontSchema,
  'yoga-jit': storefrontSchema,
  postgraphile,
  hono: restApi,
  'axum-redis': floor,
  'axum-sql': floor,
};

/** How the subject is asked for something (card, page, rename); it throws for what the subject does not have. */
export function asking(thing) {
  const subject = subjects[SUBJECT];
  if (!subject) throw new Error(`${SUBJECT} is none of ${Object.keys(subjects).join(', ')}`);
  if (!subject[thing]) throw new Error(`${SUBJECT} cannot be asked for a ${thing}`);
  return subject[thing];
}
